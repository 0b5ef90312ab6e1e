/** Revisions per millisecond: as many as keep the number exact until the year 2109. */
const perMs = 2048;

/**
 * The revision that follows `previous`. Revisions rise with time even where a record had vanished in between (it
 * expired, Redis was flushed): a process that remembers the old one must not take the new one for it.
 */
export function nextRevision(previous: number, nowMs: number): number {
  return Math.max(previous + 1, nowMs * perMs + Math.floor(Math.random() * perMs));
}
