import type { Clock } from '@rollcall/runtime';
import type { Listener } from '@rollcall/transport';

/** How an edge goes; see {@link drainEdge}. */
export interface DrainTimes {
  /** New connections are still taken for so long: load balancers and DNS name this edge until they have learnt that it goes. */
  readonly acceptSec: number;
  /** Then open connections are closed, spread over so long. */
  readonly streamSec: number;
  /** UDP is served for at least so long from the start, and in any case as long as there are connections. */
  readonly udpSec: number;
}

/** What is asked last is answered within this time, or the phone sends it again to another edge. */
const answerMs = 1500;
const answerBeatMs = 20;

/**
 * Takes an edge out of service without taking anything from a phone: it serves on as before, then closes its connections one by one,
 * so that the phones come back to the other edges in portions (RFC 5626 §4.5), answers on UDP to the end, and settles once
 * all that it took is answered. Nobody needs to be told: what it acknowledged is stored, and what it did not, the phone asks again.
 *
 * @param pending requests that have no final answer yet
 * @param endSubscriptions sends watchers elsewhere, while they can still be reached and can still answer
 */
export async function drainEdge(
  listeners: readonly Listener[],
  times: DrainTimes,
  clock: Clock,
  pending: () => number,
  endSubscriptions: () => Promise<void> = async () => undefined,
): Promise<void> {
  const pause = (delayMs: number) => new Promise<void>((resolve) => clock.after(delayMs, resolve));
  const streams = listeners.filter(({ transport }) => transport !== 'udp');
  const lingered = pause(times.udpSec * 1000);
  await pause(times.acceptSec * 1000);
  await endSubscriptions();
  await Promise.all(streams.map((listener) => listener.drain(times.streamSec * 1000)));
  await lingered;
  for (const listener of listeners) listener.stop();
  const endAtMs = clock.nowMs() + answerMs;
  while (pending() > 0 && clock.nowMs() < endAtMs) await pause(answerBeatMs);
}

/** The longest that a drain takes, in milliseconds. */
export function longestDrainMs({ acceptSec, streamSec, udpSec }: DrainTimes): number {
  // A connection that owes an answer outlives its turn a little.
  const lastConnectionMs = 3000;
  return Math.max(udpSec * 1000, (acceptSec + streamSec) * 1000 + lastConnectionMs) + answerMs;
}
