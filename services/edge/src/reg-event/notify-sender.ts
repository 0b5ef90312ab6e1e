import { isIP } from 'node:net';
import { parseUri, SipParseError, type SipResponse } from '@rollcall/sip';
import {
  type Flow,
  formatHostPort,
  type HostPort,
  locateServer,
  type ServerRecords,
  type TransportName,
} from '@rollcall/transport';
import type { OutgoingFlows } from '../outgoing-flows.ts';
import type { OwnAddress } from '../own-address.ts';
import type { RequestSender } from '../request-sender.ts';
import type { Dialog, NotifyContent } from './dialog.ts';
import type { NotifyResult } from './subscription.ts';

/** Larger requests must not go by UDP where the path's MTU is not known (RFC 3261 §18.1.1). */
const mostByUdpBytes = 1300;

/** More than any Via row is long. */
const viaRowBytes = 120;

/** A subscriber that asks for a longer pause than a subscription lives is as good as gone. */
const longestRetrySec = 3600;

/** How a NOTIFY fared, for metrics. */
export type NotifyOutcome = 'taken' | 'refused' | 'retry' | 'timeout' | 'unreachable';

/** What a {@link NotifySender} works with. */
export interface NotifySenderParts {
  readonly sender: RequestSender;
  readonly outgoing: OutgoingFlows;
  readonly own: OwnAddress;
  readonly records: ServerRecords;
  /** The transports that this edge speaks, the one it prefers first. */
  readonly transports: readonly TransportName[];
  onOutcome(outcome: NotifyOutcome): void;
}

/** Where the subscriber of a dialog is. */
export interface Subscriber {
  readonly dialog: Dialog;
  /** Value of the Event header. */
  readonly event: string;
  /** The flow of the last SUBSCRIBE. */
  flow: Flow;
  /** True where the SUBSCRIBE came from the subscriber itself, with no proxy between. */
  readonly isDirect: boolean;
  /** True once it could not be reached by TCP: its NOTIFYs go by UDP, however large. */
  udpOnly: boolean;
}

/** Sends NOTIFYs within their dialogs: along the subscriber's own connection, or to where its dialog says. */
export class NotifySender {
  readonly #parts: NotifySenderParts;

  constructor(parts: NotifySenderParts) {
    this.#parts = parts;
  }

  /** The URI at which this edge takes the requests of the dialog. */
  ownUri(flow: Flow): string {
    const { transport } = flow;
    const address = formatHostPort(this.#parts.own.of(flow));
    return transport === 'udp' ? `sip:${address}` : `sip:${address};transport=${transport}`;
  }

  /** Sends one NOTIFY, and says what came of it. Never rejects. */
  async notify(subscriber: Subscriber, content: NotifyContent): Promise<NotifyResult> {
    const { dialog, event, flow } = subscriber;
    const write = dialog.writeNotify(content, event, this.ownUri(flow));
    const size = write('').length + viaRowBytes;
    const way = await this.#findWay(subscriber, size);
    if (way === undefined) return this.#conclude('unreachable');
    const result = await this.#send(write, way);
    if (result !== 'send-failed' || way.transport === 'udp' || flow.transport !== 'udp')
      return this.#judge(result);
    // It took the connection and not the message: what would have gone by UDP goes by UDP (§18.1.1).
    subscriber.udpOnly = true;
    const byUdp = await this.#findWay(subscriber, size);
    return byUdp === undefined ? this.#conclude('unreachable') : this.#judge(await this.#send(write, byUdp));
  }

  #send(write: (viaRow: string) => Buffer, flow: Flow): Promise<SipResponse | 'timeout' | 'send-failed'> {
    return new Promise((resolve) => {
      const started = this.#parts.sender.send({ method: 'NOTIFY', write }, flow, {
        onResponse: (response) => {
          if (response.status >= 200) resolve(response);
        },
        onFailure: resolve,
      });
      if (started === undefined) resolve('send-failed');
    });
  }

  #judge(result: SipResponse | 'timeout' | 'send-failed'): NotifyResult {
    if (result === 'timeout') return this.#conclude('timeout');
    if (result === 'send-failed') return this.#conclude('unreachable');
    if (result.status < 300) return this.#conclude('taken');
    const { retryAfterSec } = result;
    // With Retry-After it is a failure of the moment (RFC 6665 §4.2.2); 481 and all others end the subscription.
    if (result.status === 481 || retryAfterSec === undefined || retryAfterSec > longestRetrySec)
      return this.#conclude('refused');
    return this.#conclude('retry', Math.max(1, retryAfterSec));
  }

  #conclude(outcome: NotifyOutcome, afterSec = 0): NotifyResult {
    this.#parts.onOutcome(outcome);
    if (outcome === 'retry') return { kind: 'retry', afterSec };
    return { kind: outcome === 'taken' ? 'taken' : 'gone' };
  }

  async #findWay(subscriber: Subscriber, size: number): Promise<Flow | undefined> {
    const { flow, dialog } = subscriber;
    const { outgoing } = this.#parts;
    if (flow.reliable && flow.open) return flow;
    for (const { transport, ...address } of await this.#locate(subscriber)) {
      if (transport === 'udp' && size > mostByUdpBytes && !subscriber.udpOnly) {
        const stream = await outgoing.reach('tcp', address);
        if (stream !== undefined) return stream;
        subscriber.udpOnly = true;
      }
      const way = await outgoing.reach(transport, address);
      if (way !== undefined) return way;
    }
    // A name that means nothing here, from somebody who was just heard.
    return dialog.routeSet.length === 0 && !flow.reliable ? flow : undefined;
  }

  /**
   * A phone behind a NAT names an address that leads nowhere: where it speaks for itself, and its Contact is an address
   * other than the one that was seen, the one seen is it.
   */
  async #locate({
    dialog,
    flow,
    isDirect,
  }: Subscriber): Promise<(HostPort & { transport: TransportName })[]> {
    try {
      const uri = parseUri(dialog.nextHop);
      if (uri.kind !== 'sip') return [];
      const literal = uri.host.startsWith('[') ? uri.host.slice(1, -1) : uri.host;
      const isBehindNat = isDirect && !flow.reliable && isIP(literal) !== 0 && literal !== flow.remote.host;
      if (isBehindNat) return [{ transport: 'udp', ...flow.remote }];
      const { records, transports } = this.#parts;
      return await locateServer(uri, { records, transports });
    } catch (error) {
      if (!(error instanceof SipParseError)) return [];
      throw error;
    }
  }
}
