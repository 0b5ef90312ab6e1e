import { hash } from 'node:crypto';
import type { Binding } from '@rollcall/bindings';

const etagLength = 16;

/** Changes with every change of the bindings, and with nothing else; empty where there are none. */
export function etagOf(bindings: readonly Binding[]): string {
  if (bindings.length === 0) return '';
  // A refresh has a higher CSeq or another Call-ID, or comes later. No part can hold a line feed.
  const parts = bindings.map(({ uri, instanceId, regId, callId, cseq, registeredAtMs, expiresAtMs }) =>
    [uri, instanceId, regId, callId, cseq, registeredAtMs, expiresAtMs].join('\n'),
  );
  return hash('sha256', parts.join('\n\n'), 'base64url').slice(0, etagLength);
}
