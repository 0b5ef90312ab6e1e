import type { BindingUpdate, NonceUse, Registration } from '../src/index.ts';

/** An update of one contact; 600 s unless told. */
export function update(uri: string, more: Partial<BindingUpdate> = {}): BindingUpdate {
  return { uri, params: '', expiresSec: 600, instanceId: '', regId: 0, ...more };
}

/** A registration of these contacts: Call-ID "a", CSeq 1, a branch of its own for each CSeq. */
export function register(updates: BindingUpdate[], more: Partial<Registration> = {}): Registration {
  const { callId = 'a', cseq = 1 } = more;
  return {
    callId,
    cseq,
    branch: `z9hG4bK-${callId}-${cseq}`,
    updates,
    removeAll: false,
    path: [],
    flow: undefined,
    userAgent: 'test',
    maxBindings: 10,
    replaceOldest: false,
    gruu: false,
    push: false,
    nonce: undefined,
    requestKey: `${callId} ${cseq} ${updates.map((each) => each.uri).join()}`,
    ...more,
  };
}

/** The instant at which the tests happen. */
export const nowMs = 1_800_000_000_000;

/** A use of a nonce that was issued at `nowMs` and lives five minutes. */
export function nonceUse(nonce: string, nc: number, more: Partial<NonceUse> = {}): NonceUse {
  return { nonce, nc, issuedAtMs: nowMs, expiresAtMs: nowMs + 300_000, ...more };
}
