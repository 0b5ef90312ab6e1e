/** A place in a shard's log of changes, as Redis numbers its streams: milliseconds since 1970, and a number within them. */
export interface LogPosition {
  readonly ms: number;
  readonly seq: number;
}

/** Before the first entry of any log. */
export const logStart: LogPosition = { ms: 0, seq: 0 };

/** Negative where `a` comes first, 0 where both are the same. */
export function comparePositions(a: LogPosition, b: LogPosition): number {
  return a.ms - b.ms || a.seq - b.seq;
}

/** Numbers within one millisecond that a revision tells apart: as many as keep it exact until the year 2109. */
const perMs = 2048;

/** The position as one number that grows along the log. */
export function revisionOf({ ms, seq }: LogPosition): number {
  return ms * perMs + Math.min(seq, perMs - 1);
}

/** "1700000000000-3", as Redis writes it. */
export function formatPosition({ ms, seq }: LogPosition): string {
  return `${ms}-${seq}`;
}

/** Reads what Redis wrote. */
export function readPosition(text: string): LogPosition {
  const dash = text.indexOf('-');
  return { ms: Number(text.slice(0, dash)), seq: Number(text.slice(dash + 1)) };
}
