import type { TemporaryGruus } from '@rollcall/gruu';
import { Transport } from '@rollcall/rpc';
import { withoutGruuParams } from './contact-params.ts';
import { judgeContact } from './contact-rules.ts';
import { type ExpiryPolicy, grantExpiry, isTooBrief, requestedExpiry, spreadOf } from './expiry-policy.ts';
import { judgeOutbound, saysOutbound } from './outbound.ts';
import { formatPushCapability, judgePush } from './push-policy.ts';
import { type Rejection, reject } from './rejection.ts';

/** One contact of a REGISTER: the Contact of the contract, which has just this shape. */
export interface ContactAsked {
  readonly uri: string;
  readonly params: string;
  readonly expiresSec?: number | undefined;
  readonly qMilli?: number | undefined;
  readonly instanceId: string;
  readonly regId: number;
}

/** What of a REGISTER decides which bindings it asks for. */
export interface RegistrationAsked {
  readonly requestUri: string;
  readonly aor: string;
  readonly callId: string;
  readonly cseq: number;
  readonly contacts: readonly ContactAsked[];
  readonly removeAll: boolean;
  readonly expiresSec?: number | undefined;
  readonly path: readonly string[];
  readonly supported: readonly string[];
  readonly viaCount: number;
  readonly featureCaps: readonly string[];
  /** True where To is a sips URI. */
  readonly secureAor: boolean;
  /** How it reached the edge. */
  readonly flow?: { readonly transport: Transport } | undefined;
}

/** What the operator allows. */
export interface RegistrationPolicy extends ExpiryPolicy {
  /** Bindings per AOR. */
  readonly maxContacts: number;
  /** What becomes of a new binding beyond them. */
  readonly maxContactsPolicy: 'reject' | 'replace-oldest';
  /** Push services that are served, in lower case; empty: RFC 8599 is not spoken. */
  readonly pushProviders: readonly string[];
  /** What becomes of a Path whose sender does not say Supported: path (RFC 3327 §5.3 recommends 420). */
  readonly pathWithoutSupported: 'accept' | 'reject';
  /** What becomes of a sips Request-URI that came without TLS. */
  readonly sipsWithoutTls: 'accept' | 'reject';
  /** What becomes of a request that binds sips contacts by sip URIs, or sip contacts by sips ones (RFC 5630 §5.2: 400). */
  readonly mixedSips: 'accept' | 'reject';
}

/** A change of one binding: `expiresSec` 0 removes it. */
export interface PlannedUpdate {
  uri: string;
  params: string;
  expiresSec: number;
  qMilli: number | undefined;
  instanceId: string;
  regId: number;
}

/** What the request asks of location, policy applied. */
export interface RegistrationPlan {
  readonly kind: 'plan';
  readonly operation: 'register' | 'remove' | 'remove_all' | 'query';
  readonly updates: PlannedUpdate[];
  /** True where reg-id counts and the phone supports outbound: the 200 says Require: outbound (RFC 5626 §6). */
  readonly outbound: boolean;
  /** Values for Feature-Caps headers of the 200. */
  readonly featureCaps: string[];
}

/**
 * Steps 6 and 7 of RFC 3261 §10.3 as far as they need no stored binding: what the contacts ask for, or why the whole
 * request fails. Nothing is done in part.
 *
 * @param gruus opens the temporary GRUUs that have been given out
 */
export function planRegistration(
  asked: RegistrationAsked,
  policy: RegistrationPolicy,
  gruus: Pick<TemporaryGruus, 'open'>,
): RegistrationPlan | Rejection {
  if (
    asked.path.length > 0 &&
    policy.pathWithoutSupported === 'reject' &&
    !asked.supported.includes('path')
  ) {
    return reject(420, 'Bad Extension', 'extension_required', { unsupported: ['path'] });
  }
  if (policy.sipsWithoutTls === 'reject' && isDowngraded(asked)) {
    return reject(403, 'SIPS Requires TLS', 'forbidden');
  }
  if (asked.removeAll) return planRemoveAll(asked);
  if (asked.contacts.length === 0) return planNoContact('query');
  return planContacts(asked, policy, gruus);
}

/**
 * A sips Request-URI promises TLS on every hop (RFC 3261 §26.2.2); To and From do not count (RFC 5630 §5.2).
 */
function isDowngraded({ requestUri, flow }: RegistrationAsked): boolean {
  if (schemeOf(requestUri) !== 'sips') return false;
  return flow?.transport !== Transport.TLS && flow?.transport !== Transport.WSS;
}

/**
 * True where a contact of this scheme is bound by URIs of the other: Request-URI and, for a sips contact, the contacts bound
 * with it and the Path (RFC 3261 §8.1.1.8, RFC 5630 §5.2). From and To do not count.
 */
function isMixed(scheme: string, { requestUri, contacts, path }: RegistrationAsked): boolean {
  if (scheme === 'sip') return schemeOf(requestUri) === 'sips';
  return (
    scheme === 'sips' &&
    (schemeOf(requestUri) !== 'sips' ||
      contacts.some(({ uri }) => schemeOf(uri) === 'sip') ||
      path.some((value) => value.toLowerCase().includes('<sip:')))
  );
}

function schemeOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.indexOf(':'))).toLowerCase();
}

/** "Contact: *" stands alone and with Expires: 0, or the request is bad (RFC 3261 §10.3 step 6). */
function planRemoveAll(asked: RegistrationAsked): RegistrationPlan | Rejection {
  if (asked.contacts.length > 0) return reject(400, 'Contact * Must Be The Only Contact', 'bad_request');
  if (asked.expiresSec !== 0) return reject(400, 'Contact * Requires Expires 0', 'bad_request');
  return planNoContact('remove_all');
}

function planNoContact(operation: 'query' | 'remove_all'): RegistrationPlan {
  return { kind: 'plan', operation, updates: [], outbound: false, featureCaps: [] };
}

function planContacts(
  asked: RegistrationAsked,
  policy: RegistrationPolicy,
  gruus: Pick<TemporaryGruus, 'open'>,
): RegistrationPlan | Rejection {
  const spread = policy.jitterPercent === 0 ? 0 : spreadOf(asked.callId, asked.cseq);
  const outbound = judgeOutbound(asked);
  const updates: PlannedUpdate[] = [];
  const featureCaps: string[] = [];
  let bound = 0;
  let anyRegId = false;
  let outboundUsed = false;
  for (const contact of asked.contacts) {
    const fault = findContactFault(contact, asked.aor, gruus);
    if (fault !== undefined) return fault;
    const requestedSec = requestedExpiry(contact.expiresSec, asked.expiresSec, policy);
    if (isTooBrief(requestedSec, policy)) {
      return reject(423, 'Interval Too Brief', 'interval_too_brief', { minExpiresSec: policy.minExpiresSec });
    }
    if (requestedSec > 0) {
      bound += 1;
      const refusal = refuseNewContact(contact, asked, policy, featureCaps);
      if (refusal !== undefined) return refusal;
    }
    if (contact.regId > 0) anyRegId = true;
    // reg-id means something only together with an instance-id (RFC 5626 §6).
    const wantsFlow = contact.regId > 0 && contact.instanceId !== '';
    if (wantsFlow && outbound === 'first-hop-lacks')
      return reject(439, 'First Hop Lacks Outbound Support', 'first_hop_lacks_outbound');
    const flowCounts = wantsFlow && outbound === 'applies';
    if (flowCounts) outboundUsed = true;
    updates.push({
      uri: contact.uri,
      params: withoutGruuParams(contact.params),
      expiresSec: requestedSec === 0 ? 0 : grantExpiry(requestedSec, policy, spread),
      qMilli: contact.qMilli,
      instanceId: contact.instanceId,
      regId: flowCounts ? contact.regId : 0,
    });
  }
  // One flow leads to one contact (RFC 5626 §6): more than one of them with a reg-id is nonsense.
  if (anyRegId && bound > 1) return reject(400, 'One Contact Per Flow', 'bad_request');
  if (bound > policy.maxContacts) return reject(403, 'Too Many Contacts', 'too_many_contacts');
  return {
    kind: 'plan',
    operation: bound > 0 ? 'register' : 'remove',
    updates,
    outbound: outboundUsed && saysOutbound(asked),
    featureCaps,
  };
}

function findContactFault(
  contact: ContactAsked,
  aor: string,
  gruus: Pick<TemporaryGruus, 'open'>,
): Rejection | undefined {
  switch (judgeContact(contact, aor, gruus)) {
    case 'malformed':
      return reject(400, 'Malformed Contact', 'bad_request');
    case 'bad-bulk-contact':
      return reject(400, 'Bulk Number Contact With User', 'bad_request');
    case 'forbidden':
      return reject(403, 'Contact Not Allowed', 'contact_forbidden');
    default:
      return undefined;
  }
}

/** What a contact that is only removed may be, and one that is bound may not; what is served is added to featureCaps. */
function refuseNewContact(
  { uri }: ContactAsked,
  asked: RegistrationAsked,
  policy: RegistrationPolicy,
  featureCaps: string[],
): Rejection | undefined {
  const scheme = schemeOf(uri);
  if (policy.mixedSips === 'reject' && isMixed(scheme, asked))
    return reject(400, 'SIP And SIPS URIs Mixed', 'bad_request');
  // Who calls a sips address is promised TLS to the phone (RFC 3261 §10.2.1, §26.4.4).
  if (asked.secureAor && scheme === 'sip') return reject(403, 'Contact Must Be SIPS', 'contact_forbidden');
  const push = judgePush(uri, policy.pushProviders, asked.featureCaps);
  if (push.kind === 'unsupported')
    return reject(555, 'Push Notification Service Not Supported', 'push_unsupported');
  if (push.kind === 'served') {
    for (const provider of push.providers) {
      const value = formatPushCapability(provider);
      if (!featureCaps.includes(value)) featureCaps.push(value);
    }
  }
  return undefined;
}
