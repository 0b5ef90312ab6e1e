import type { Clock, CounterSeries, Metrics } from '@rollcall/runtime';
import { DatagramSender, type HostPort, type TransportName } from '@rollcall/transport';
import { encodeHep } from './hep-packet.ts';
import { maskCredentials } from './mask-credentials.ts';

const outcomes = ['sent', 'failed', 'queue_full', 'no_address', 'too_large'] as const;

/** What became of copies. */
export type HepCounters = Readonly<Record<(typeof outcomes)[number], CounterSeries>>;

/** Registers what is counted of copies; all of it stays 0 while no capture server is named. */
export function addHepMetrics(metrics: Metrics): HepCounters {
  const messages = metrics.counter({
    name: 'rollcall_hep_messages_total',
    help: 'Copies of SIP messages for EDGE_HEP_TARGET: sent, or lost since the system refused them (failed), too many waited (queue_full), its name leads nowhere (no_address), or they do not fit into a datagram (too_large).',
    labels: { outcome: outcomes },
  });
  const series = outcomes.map((outcome) => [outcome, messages.with({ outcome })] as const);
  return Object.fromEntries(series) as unknown as HepCounters;
}

/** What a capture is made from. */
export interface HepParts {
  readonly target: HostPort;
  readonly captureId: number;
  readonly password: string;
  readonly clock: Clock;
  readonly counters: HepCounters;
  /** The address of this edge as the peer sees it, where the socket listens on all of them. */
  readonly ownAddress: (way: MessageWay) => HostPort;
}

/** Between whom a message travels, whichever way. */
export interface MessageWay {
  readonly transport: TransportName;
  readonly local: HostPort;
  readonly remote: HostPort;
}

/** Sends a copy of each SIP message to a capture server, with credentials masked. */
export class HepCapture {
  readonly #parts: HepParts;
  readonly #sender: DatagramSender;
  #lastUs = 0;

  constructor(parts: HepParts) {
    this.#parts = parts;
    const { counters } = parts;
    const byOutcome = {
      sent: counters.sent,
      failed: counters.failed,
      'queue-full': counters.queue_full,
      'no-address': counters.no_address,
    };
    this.#sender = new DatagramSender(parts.target, { onOutcome: (outcome) => byOutcome[outcome].inc() });
  }

  /** A message came. */
  received(bytes: Buffer, way: MessageWay): void {
    this.#copy(bytes, way, way.remote, this.#parts.ownAddress(way));
  }

  /** A message left. */
  sent(bytes: Buffer, way: MessageWay): void {
    this.#copy(bytes, way, this.#parts.ownAddress(way), way.remote);
  }

  close(): void {
    this.#sender.close();
  }

  #copy(bytes: Buffer, { transport }: MessageWay, source: HostPort, destination: HostPort): void {
    if (!isSip(bytes)) return;
    const { clock, counters } = this.#parts;
    // Strictly rising, so that a capture server keeps the order of what happened within one millisecond.
    this.#lastUs = Math.max(clock.nowMs() * 1000, this.#lastUs + 1);
    const payload = maskCredentials(bytes);
    const packet = encodeHep({ transport, source, destination, atUs: this.#lastUs, payload }, this.#parts);
    if (packet === undefined) counters.too_large.inc();
    else this.#sender.send(packet);
  }
}

/** Keep-alives and STUN share the way: a SIP message begins with a letter of a method, or of "SIP/2.0". */
function isSip(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  return bytes.length > 4 && first > 0x20 && first < 0x7f;
}
