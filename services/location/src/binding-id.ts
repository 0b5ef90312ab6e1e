import { hash } from 'node:crypto';
import type { Binding } from '@rollcall/bindings';

/** 66 bits tell the few bindings of one AOR apart. */
const idLength = 11;

/**
 * Names a binding within its AOR, from refresh to refresh: by its instance and flow where it has them (RFC 5626 §6),
 * else by its URI. A phone that writes an equal URI in another way gets another name.
 */
export function bindingIdOf({
  instanceId,
  regId,
  uri,
}: Pick<Binding, 'instanceId' | 'regId' | 'uri'>): string {
  const name = instanceId !== '' && regId !== 0 ? `${instanceId}\n${regId}` : uri;
  return hash('sha256', name, 'base64url').slice(0, idLength);
}
