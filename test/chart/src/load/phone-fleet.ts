import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentTimeout, SipAgent } from '@rollcall/testkit';
import type { HostPort } from '@rollcall/transport';
import { type Acknowledged, domain, type Subscriber } from './subscribers.ts';

/** What happened to phones. */
export interface FleetCounts {
  /** REGISTERs with credentials that got a 200. */
  acknowledged: number;
  /** By status: answers other than 200. */
  readonly refused: Map<number, number>;
  /** No answer in the time of a transaction. */
  unanswered: number;
  /** Connections that were found closed, and opened again. */
  reconnected: number;
  /** The longest that a phone was without an acknowledged refresh, beyond its own pauses. */
  longestGapMs: number;
}

const pauseMs = 1000;
/** Timer F of RFC 3261 §17.1.2.2. */
const answerMs = 32_000;

/** Phones that keep what they have: each refreshes every second, over UDP or over one connection, and names a new contact each time. */
export class PhoneFleet {
  readonly counts: FleetCounts = {
    acknowledged: 0,
    refused: new Map(),
    unanswered: 0,
    reconnected: 0,
    longestGapMs: 0,
  };
  readonly #phones: Phone[];
  readonly #going: Promise<void>[];
  readonly #stopping = new AbortController();

  constructor(transport: 'udp' | 'tcp', server: HostPort, subscribers: readonly Subscriber[]) {
    this.#phones = subscribers.map(
      (subscriber) => new Phone(transport, server, subscriber, this.counts, this.#stopping.signal),
    );
    this.#going = this.#phones.map((phone) => phone.run());
  }

  async stop(): Promise<Acknowledged[]> {
    this.#stopping.abort();
    await Promise.all(this.#going);
    return this.#phones.filter(({ contacts }) => contacts.length > 0);
  }

  /** Closes their connections: with them go the bindings that nothing else leads to (RFC 5626). */
  async close(): Promise<void> {
    await Promise.all(this.#phones.map((phone) => phone.close()));
  }
}

class Phone implements Acknowledged {
  readonly aor: string;
  contacts: string[] = [];
  readonly #instance = randomUUID();
  readonly #transport: 'udp' | 'tcp';
  readonly #server: HostPort;
  readonly #subscriber: Subscriber;
  readonly #counts: FleetCounts;
  readonly #stopping: AbortSignal;
  #agent: SipAgent | undefined;
  #round = 0;

  constructor(
    transport: 'udp' | 'tcp',
    server: HostPort,
    subscriber: Subscriber,
    counts: FleetCounts,
    stopping: AbortSignal,
  ) {
    this.aor = `sip:${subscriber.user}@${domain}`;
    this.#transport = transport;
    this.#server = server;
    this.#subscriber = subscriber;
    this.#counts = counts;
    this.#stopping = stopping;
  }

  async run(): Promise<void> {
    await sleep(Math.random() * pauseMs);
    let lastAtMs = performance.now();
    while (!this.#stopping.aborted) {
      if (await this.#refresh()) {
        const gapMs = performance.now() - lastAtMs;
        this.#counts.longestGapMs = Math.max(this.#counts.longestGapMs, gapMs);
        await sleep(pauseMs);
        lastAtMs = performance.now();
      } else {
        await sleep(200);
      }
    }
  }

  async close(): Promise<void> {
    await this.#agent?.close();
  }

  async #refresh(): Promise<boolean> {
    this.#round += 1;
    const uri = `sip:${this.#subscriber.user}@192.0.2.2:5060;transport=${this.#transport};round=${this.#round}`;
    try {
      this.#agent ??= new SipAgent({ transport: this.#transport, server: this.#server });
      const { status } = await this.#agent.register({
        aor: this.aor,
        password: this.#subscriber.password,
        contact: `<${uri}>;+sip.instance="<urn:uuid:${this.#instance}>";reg-id=1`,
        expires: 3600,
        headers: ['Supported: path, outbound'],
        retransmits: true,
        timeoutMs: answerMs,
      });
      if (status === 200) {
        this.#counts.acknowledged += 1;
        this.contacts = [uri];
        return true;
      }
      this.#counts.refused.set(status, (this.#counts.refused.get(status) ?? 0) + 1);
      // A 503 may come of an answer that was late: what was asked may have been stored.
      if (status >= 500 && this.contacts.length > 0) this.contacts.push(uri);
    } catch (error) {
      if (error instanceof AgentTimeout) this.#counts.unanswered += 1;
      else this.#counts.reconnected += 1;
      if (this.contacts.length > 0) this.contacts.push(uri);
      await this.#agent?.close();
      this.#agent = undefined;
    }
    return false;
  }
}
