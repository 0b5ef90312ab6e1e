import { type CallerRule, namedCallers } from '@rollcall/rpc';
import type { ConfigOf } from '@rollcall/runtime';
import type { locationCallerVariables } from './config.ts';

const publicService = 'rollcall.location.v1.LocationService';

/** Who may call location: bindings are changed by registrars, looked up by redirect services, and told to other services. */
export function locationCallers(config: ConfigOf<typeof locationCallerVariables>): CallerRule {
  const registrars = namedCallers(config.registrars);
  const seekers = namedCallers(config.redirects, config.registrars);
  const clients = namedCallers(config.clients, config.registrars);
  return ({ service, name }) => {
    if (service === publicService) return clients;
    return name.startsWith('LookUp') ? seekers : registrars;
  };
}
