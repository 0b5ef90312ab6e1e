/** Revisions per millisecond: as many as keep the number exact until the year 2109. */
const perMs = 2048;

/** Counts from anywhere, so that processes which share a store are not likely to be at the same place in a millisecond. */
let place = Math.floor(Math.random() * perMs);

/**
 * The revision that follows `previous`. Revisions rise with time even where a record had vanished in between (it
 * expired, Redis was flushed): a process that remembers the old one must not take the new one for it. Within a millisecond
 * a process gives no revision twice.
 */
export function nextRevision(previous: number, nowMs: number): number {
  place = (place + 1) % perMs;
  return Math.max(previous + 1, nowMs * perMs + place);
}
