import type { BindingRecord, NonceState, NonceUse } from './binding-record.ts';

/**
 * Most nonces whose state a record holds. A phone uses one at a time; a hundred phones that share an AOR may all come at
 * once, each with its own.
 */
export const maxLiveNonces = 128;

/**
 * fresh: never used with this count. answered: the very request that used it, already applied. rejected: the very
 * request that used it, which the rules refused then. replayed: anything else.
 */
export type NonceVerdict = 'fresh' | 'answered' | 'rejected' | 'replayed';

/** Judges a nonce count by the record's replay state (RFC 7616 §3.4: nc must grow; gaps are fine). */
export function judgeNonce(
  record: BindingRecord | undefined,
  use: NonceUse,
  requestKey: string,
  nowMs: number,
): NonceVerdict {
  // Its state may be gone by now: whether this count was used can no longer be told.
  if (use.expiresAtMs <= nowMs) return 'replayed';
  if (record === undefined) return 'fresh';
  for (const state of record.nonces) {
    if (state.nonce !== use.nonce) continue;
    if (use.nc > state.nc) return 'fresh';
    if (use.nc < state.nc) return 'replayed';
    if (state.requestKey === requestKey) return 'answered';
    return state.requestKey === markRejected(requestKey) ? 'rejected' : 'replayed';
  }
  return use.issuedAtMs <= record.nonceFloorMs ? 'replayed' : 'fresh';
}

/** The key under which a refused request is remembered: its retransmission is judged again, not answered as applied. */
export function markRejected(requestKey: string): string {
  return '!' + requestKey;
}

/** The replay state after this use: expired nonces gone, and the oldest-issued dropped where there are too many. */
export function raiseNonce(
  record: BindingRecord | undefined,
  use: NonceUse,
  requestKey: string,
  nowMs: number,
): { nonces: NonceState[]; nonceFloorMs: number } {
  const nonces = liveNonces(record, nowMs).filter((state) => state.nonce !== use.nonce);
  nonces.push({
    nonce: use.nonce,
    nc: use.nc,
    expiresAtMs: use.expiresAtMs,
    issuedAtMs: use.issuedAtMs,
    requestKey,
  });
  const nonceFloorMs = record?.nonceFloorMs ?? 0;
  return nonces.length <= maxLiveNonces ? { nonces, nonceFloorMs } : dropOldest(nonces, nonceFloorMs);
}

/** The nonces that could still be used. */
export function liveNonces(record: BindingRecord | undefined, nowMs: number): NonceState[] {
  return record === undefined ? [] : record.nonces.filter((state) => state.expiresAtMs > nowMs);
}

/**
 * Forgets the oldest-issued nonce. The floor refuses it from now on, so the floor must live as long as that nonce would
 * have: its expiry passes on to a survivor.
 */
function dropOldest(
  nonces: NonceState[],
  nonceFloorMs: number,
): { nonces: NonceState[]; nonceFloorMs: number } {
  const oldest = nonces.reduce((a, b) => (b.issuedAtMs < a.issuedAtMs ? b : a));
  const survivors = nonces.filter((state) => state !== oldest);
  const heir = survivors.reduce((a, b) => (b.expiresAtMs > a.expiresAtMs ? b : a));
  return {
    nonces: survivors.map((state) =>
      state === heir ? { ...state, expiresAtMs: Math.max(state.expiresAtMs, oldest.expiresAtMs) } : state,
    ),
    nonceFloorMs: Math.max(nonceFloorMs, oldest.issuedAtMs),
  };
}
