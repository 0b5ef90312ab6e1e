import { type CallerRule, namedCallers } from '@rollcall/rpc';

/** Who may call auth: vectors hold HA1, which is as good as a password, and are for registrars only. */
export function authCallers(config: {
  readonly registrars: readonly string[];
  readonly redirects: readonly string[];
}): CallerRule {
  const registrars = namedCallers(config.registrars);
  const resolvers = namedCallers(config.redirects, config.registrars);
  return ({ name }) => (name.startsWith('ResolveAddress') ? resolvers : registrars);
}
