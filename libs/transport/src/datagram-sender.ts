import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { HostPort } from './host-port.ts';

/** What became of a datagram. */
export type DatagramOutcome = 'sent' | 'failed' | 'queue-full' | 'no-address';

/** Finds the addresses behind a name. Rejects where there are none. */
export type AddressLookup = (host: string) => Promise<readonly { address: string; family: number }[]>;

/** Settings of a {@link DatagramSender}; all but the first have defaults. */
export interface DatagramSenderOptions {
  /** Told of each datagram, once its outcome is known. */
  readonly onOutcome: (outcome: DatagramOutcome) => void;
  readonly lookUp?: AddressLookup;
  /** How long the resolver may take, in milliseconds. Default 2,000. */
  readonly lookUpTimeoutMs?: number;
  /** How often a name is looked up again, in milliseconds. Default 30,000; a tenth of it while there is no address. */
  readonly lookUpEveryMs?: number;
}

/** Most datagrams that the kernel has not taken yet: a second of a busy edge. */
const mostUnderWay = 10_000;

const lookUpBySystem: AddressLookup = (host) => lookup(host, { all: true });

/**
 * Sends datagrams that nobody answers to one target, which may be a name: it is looked up again and again, with a
 * deadline, and what it led to last is used meanwhile. It never throws, never waits and never keeps a process alive.
 */
export class DatagramSender {
  readonly #target: HostPort;
  readonly #options: DatagramSenderOptions;
  readonly #sockets = new Map<number, Socket>();
  #address: { readonly address: string; readonly family: number } | undefined;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(target: HostPort, options: DatagramSenderOptions) {
    this.#target = target;
    this.#options = options;
    const family = isIP(target.host);
    if (family !== 0) this.#address = { address: target.host, family };
    else void this.#refresh();
  }

  /** Sends one datagram, or counts why it could not be. */
  send(bytes: Uint8Array): void {
    const { onOutcome } = this.#options;
    if (this.#address === undefined || this.#closed) {
      onOutcome('no-address');
      return;
    }
    if (this.#underWay >= mostUnderWay) {
      onOutcome('queue-full');
      return;
    }
    this.#underWay += 1;
    const { address, family } = this.#address;
    this.#socketOf(family).send(bytes, this.#target.port, address, this.#onSent);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  readonly #onSent = (error: Error | null): void => {
    this.#underWay -= 1;
    this.#options.onOutcome(error === null ? 'sent' : 'failed');
  };

  #socketOf(family: number): Socket {
    const open = this.#sockets.get(family);
    if (open !== undefined) return open;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      // Only addresses get here: without this, each send would ask the resolver to find out the same.
      lookup: (host, _options, done) => done(null, host, family),
    });
    socket.unref();
    // A target that refuses (ICMP) shows up here; the next datagram may be taken.
    socket.on('error', () => undefined);
    this.#sockets.set(family, socket);
    return socket;
  }

  async #refresh(): Promise<void> {
    const { lookUp = lookUpBySystem, lookUpTimeoutMs = 2_000, lookUpEveryMs = 30_000 } = this.#options;
    try {
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error('no answer')), lookUpTimeoutMs).unref();
      });
      const found = await Promise.race([lookUp(this.#target.host), late]);
      this.#address = found.find(({ family }) => family === 4) ?? found[0] ?? this.#address;
    } catch {
      // A resolver that fails for a moment does not make the known address go away.
    }
    if (this.#closed) return;
    const nextMs = this.#address === undefined ? lookUpEveryMs / 10 : lookUpEveryMs;
    this.#timer = setTimeout(() => void this.#refresh(), nextMs).unref();
  }
}
