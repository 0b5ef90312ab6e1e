import { randomBytes } from 'node:crypto';
import type { RegistrarCalls } from '@rollcall/rpc';
import { canonicalAor, type EventHeader, parseUri, SipParseError, type SipRequest } from '@rollcall/sip';
import type { ChallengeLeases } from '../challenge-leases.ts';
import type { Exchange } from '../exchange.ts';
import { retryAfterRow } from '../fault-reply.ts';
import type { FirstChallenge } from '../first-challenge.ts';
import { credentialsToProto, flowToProto } from '../proto-mapping.ts';
import { challengeRows, rejectedRows } from '../refusal-rows.ts';
import { refuseBody } from '../request-body.ts';
import { findUnsupported } from '../server-route.ts';
import { Dialog } from './dialog.ts';
import { allowEventsRow, ownerOfPackage, regPackage } from './event-packages.ts';
import type { NotifySender, Subscriber } from './notify-sender.ts';
import { reginfoType } from './reginfo-document.ts';
import type { Granted, Subscribed, SubscriptionTable } from './subscription-table.ts';

/** As for REGISTER: an answer, or a 503, within a second. Two questions share it. */
const registrarTimeoutMs = 900;

/** Media types by which a watcher takes our documents. */
const accepted: ReadonlySet<string> = new Set([reginfoType, 'application/*', '*/*']);

/** What a {@link SubscribeRoute} works with. */
export interface SubscribeRouteParts {
  readonly registrar: Pick<RegistrarCalls, 'subscribe'>;
  readonly leases: ChallengeLeases;
  readonly first: FirstChallenge;
  readonly table: SubscriptionTable;
  readonly sender: NotifySender;
  readonly edgeName: string;
  readonly random: () => number;
}

/**
 * SUBSCRIBE for the reg event package (RFC 3680, RFC 6665): the registrar says who may watch, this edge holds the dialog and
 * sends the NOTIFYs.
 */
export class SubscribeRoute {
  readonly #parts: SubscribeRouteParts;

  constructor(parts: SubscribeRouteParts) {
    this.#parts = parts;
  }

  /**
   * Challenges a first SUBSCRIBE without credentials as REGISTER is, without a transaction; false for any other.
   *
   * @throws SipParseError where a header is malformed
   */
  challenge(exchange: Exchange): boolean {
    const { request } = exchange;
    if (request.to.tag !== undefined || findObjection(request) !== undefined) return false;
    if (request.event === undefined || ownerOfPackage(request.event) !== 'edge') return false;
    if (request.uri.kind !== 'sip' || request.uri.user === undefined) return false;
    return this.#parts.first.answer(exchange, request.uri.host);
  }

  /**
   * Answers a SUBSCRIBE; false where it is for the user that it addresses.
   *
   * @throws SipParseError where a header is malformed; ServiceFault where the registrar cannot answer
   */
  async answer(exchange: Exchange): Promise<boolean> {
    const { request } = exchange;
    const found = this.#findDialog(request);
    if (request.to.tag !== undefined && found === undefined) {
      exchange.reply(481);
      return true;
    }
    const { event } = request;
    if (event === undefined) {
      exchange.reply(400, allowEventsRow, 'Missing Event');
      return true;
    }
    const owner = ownerOfPackage(event);
    if (owner === undefined) {
      exchange.reply(489, allowEventsRow);
      return true;
    }
    if (found !== undefined && eventRowOf(event) !== found.subscriber.event) {
      // Another package or id asks for a second subscription in the dialog of the first (RFC 6665 §4.5.2).
      exchange.reply(403, '', 'Dialog Sharing Not Supported');
      return true;
    }
    if (owner === 'user') return false;
    if (refuseBody(exchange)) return true;
    const objection = findObjection(request);
    if (objection !== undefined) exchange.reply(...objection);
    else if (found === undefined) await this.#subscribe(exchange);
    else await this.#refresh(exchange, found);
    return true;
  }

  async #subscribe(exchange: Exchange): Promise<void> {
    const { request, flow } = exchange;
    const { uri } = request;
    if (uri.kind !== 'sip') return exchange.reply(416);
    // Our own address is no AOR, and nobody's registration is kept under it.
    if (uri.user === undefined) return exchange.reply(404, allowEventsRow);
    const domain = uri.host;
    const granted = await this.#ask(exchange, domain, canonicalAor(uri));
    if (granted === undefined) return;
    if (!this.#parts.table.hasRoom(granted)) return this.#refuseForNow(exchange);
    // The tag of a dialog is this edge's own: a copy that another edge takes opens another dialog.
    exchange.useToTag(`${exchange.toTag}${randomBytes(6).toString('hex')}`);
    const subscriber: Subscriber = {
      dialog: new Dialog(request, exchange.toTag, targetOf(request)),
      event: eventRowOf(request.event),
      flow,
      isDirect: request.vias.length === 1 && request.recordRoute.length === 0,
      udpOnly: false,
    };
    const opened = await this.#parts.table.open(subscriber, granted, domain, registrarTimeoutMs);
    if (opened === undefined) return this.#refuseForNow(exchange);
    this.#accept(exchange, opened, granted.expiresSec);
  }

  #findDialog({ callId, to, from }: SipRequest): Subscribed | undefined {
    return to.tag === undefined ? undefined : this.#parts.table.find(callId, to.tag, from.tag ?? '');
  }

  async #refresh(exchange: Exchange, found: Subscribed): Promise<void> {
    const { request, flow } = exchange;
    const { dialog } = found.subscriber;
    if (!dialog.takeCseq(request.cseq.sequence)) return exchange.reply(500, '', 'CSeq Out Of Order');
    const granted = await this.#ask(exchange, found.domain, found.granted.aor);
    if (granted === undefined) return;
    if (granted.watcher !== found.granted.watcher) return exchange.reply(403);
    // It may have ended while the registrar was asked.
    if (this.#findDialog(request) !== found) return exchange.reply(481);
    dialog.remoteTarget = targetOf(request);
    found.subscriber.flow = flow;
    this.#accept(exchange, found, granted.expiresSec);
  }

  #accept(exchange: Exchange, { subscriber, subscription }: Subscribed, expiresSec: number): void {
    const routes = exchange.request.recordRoute.map((value) => `Record-Route: ${value}\r\n`).join('');
    const contact = `Contact: <${this.#parts.sender.ownUri(subscriber.flow)}>\r\n`;
    exchange.reply(200, `${routes}${contact}Expires: ${expiresSec}\r\n${allowEventsRow}`);
    subscription.subscribe(expiresSec);
  }

  /** What the registrar grants; undefined where the request is answered. */
  async #ask(exchange: Exchange, domain: string, aor: string): Promise<Granted | undefined> {
    const { registrar, leases, first, edgeName } = this.#parts;
    const { request, flow } = exchange;
    const { outcome } = await registrar.subscribe(
      {
        domain,
        aor,
        requestUri: request.requestUri,
        callId: request.callId,
        cseq: request.cseq.sequence,
        branch: request.topVia.branch ?? '',
        expiresSec: request.expiresSec,
        credentials: request.authorization.map(credentialsToProto),
        flow: flowToProto(flow, edgeName),
        body: request.body,
      },
      { timeoutMs: registrarTimeoutMs, traceparent: exchange.traceparent },
    );
    switch (outcome?.$case) {
      case 'granted':
        return outcome.value;
      case 'challenged':
        leases.learn(domain);
        first.passOn(exchange, challengeRows(outcome.value));
        return undefined;
      case 'rejected':
        exchange.reply(
          outcome.value.status,
          rejectedRows(outcome.value),
          outcome.value.reasonPhrase || undefined,
        );
        return undefined;
      default:
        exchange.reply(500);
        return undefined;
    }
  }

  #refuseForNow(exchange: Exchange): void {
    exchange.reply(503, retryAfterRow(0, this.#parts.random));
  }
}

/** The Event header of the NOTIFYs: package and id name the subscription within its dialog (RFC 6665 §4.5.2). */
function eventRowOf(event: EventHeader | undefined): string {
  const { type, id } = event ?? { type: regPackage, id: '' };
  return id === '' ? type : `${type};id=${id}`;
}

/** Why a SUBSCRIBE for the package cannot be taken as it is. */
function findObjection(request: SipRequest): [status: number, rows: string, phrase?: string] | undefined {
  const unsupported = findUnsupported(request);
  if (unsupported.length > 0) return [420, `Unsupported: ${unsupported.join(', ')}\r\n`];
  const types = request.rows('accept').length === 0 ? undefined : request.values('accept');
  const isAccepted = types?.some((type) => accepted.has(mediaRangeOf(type)));
  if (isAccepted === false) return [406, allowEventsRow];
  return contactsOf(request).length === 1 ? undefined : [400, '', 'One Contact Needed'];
}

/** Without parameters and in lower case; white space may stand around the slash (RFC 3261 section 25.1). */
function mediaRangeOf(type: string): string {
  return (type.split(';')[0] ?? '').replaceAll(/\s/g, '').toLowerCase();
}

function contactsOf({ contacts }: SipRequest): readonly { readonly uri: string }[] {
  return contacts.star ? [] : contacts.contacts;
}

/**
 * Where NOTIFYs are to go (RFC 6665 §4.1.2.1).
 *
 * @throws SipParseError where it is no SIP URI
 */
function targetOf(request: SipRequest): string {
  const uri = contactsOf(request)[0]?.uri ?? '';
  if (parseUri(uri).kind !== 'sip') throw new SipParseError('SIP_ERR_URI_SCHEME', 400, 0);
  return uri;
}
