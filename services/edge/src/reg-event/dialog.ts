import type { SipRequest } from '@rollcall/sip';

/** One NOTIFY, as far as its dialog does not decide it. */
export interface NotifyContent {
  /** Value of Subscription-State. */
  readonly subscriptionState: string;
  /** The body, a reginfo document in characters; empty for none. */
  readonly document: string;
}

/** The dialog that a SUBSCRIBE has opened, seen from the notifier (RFC 3261 §12.1.1). */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** The values of Record-Route, in the order of the request. */
  readonly routeSet: readonly string[];
  /** The Contact of the last SUBSCRIBE: a target refresh changes it. */
  remoteTarget: string;
  readonly #local: string;
  readonly #remote: string;
  #remoteCseq: number;
  #localCseq = 0;

  constructor(subscribe: SipRequest, localTag: string, remoteTarget: string) {
    this.callId = subscribe.callId;
    this.localTag = localTag;
    this.remoteTag = subscribe.from.tag ?? '';
    this.routeSet = [...subscribe.recordRoute];
    this.remoteTarget = remoteTarget;
    this.#local = `<${subscribe.to.uri}>;tag=${localTag}`;
    this.#remote = `<${subscribe.from.uri}>${this.remoteTag === '' ? '' : `;tag=${this.remoteTag}`}`;
    this.#remoteCseq = subscribe.cseq.sequence;
  }

  /** Names a dialog in the table: the request is one of it. */
  static keyOf(callId: string, localTag: string, remoteTag: string): string {
    return `${callId} ${localTag} ${remoteTag}`;
  }

  get key(): string {
    return Dialog.keyOf(this.callId, this.localTag, this.remoteTag);
  }

  /** False for a request that comes too late, or again (RFC 3261 §12.2.2). */
  takeCseq(sequence: number): boolean {
    if (sequence <= this.#remoteCseq) return false;
    this.#remoteCseq = sequence;
    return true;
  }

  /** Where the next request goes first: the top route, or the peer itself. */
  get nextHop(): string {
    const [top] = this.routeSet;
    return top === undefined ? this.remoteTarget : uriOf(top);
  }

  /** The next NOTIFY of the dialog, but for its Via; `own` is the URI of this edge. */
  writeNotify(content: NotifyContent, event: string, own: string): (viaRow: string) => Buffer {
    this.#localCseq += 1;
    const [top] = this.routeSet;
    // A first route without lr is a strict router's: it goes into the Request-URI (§12.2.1.1).
    const isStrict = top !== undefined && !/;\s*lr\b/i.test(uriOf(top));
    const requestUri = isStrict ? uriOf(top) : this.remoteTarget;
    const routes = isStrict ? [...this.routeSet.slice(1), `<${this.remoteTarget}>`] : this.routeSet;
    const body = Buffer.from(content.document, 'utf8');
    const rows =
      'Max-Forwards: 70\r\n' +
      routes.map((route) => `Route: ${route}\r\n`).join('') +
      `From: ${this.#local}\r\nTo: ${this.#remote}\r\n` +
      `Call-ID: ${this.callId}\r\nCSeq: ${this.#localCseq} NOTIFY\r\n` +
      `Contact: <${own}>\r\nEvent: ${event}\r\n` +
      `Subscription-State: ${content.subscriptionState}\r\n` +
      (body.length === 0 ? '' : 'Content-Type: application/reginfo+xml\r\n') +
      `Content-Length: ${body.length}\r\n\r\n`;
    return (viaRow) =>
      Buffer.concat([Buffer.from(`NOTIFY ${requestUri} SIP/2.0\r\n${viaRow}${rows}`, 'latin1'), body]);
  }
}

/** The URI of a name-addr; a route always has its angle brackets. */
function uriOf(route: string): string {
  const open = route.indexOf('<');
  return open < 0 ? route : route.slice(open + 1, route.indexOf('>', open));
}
