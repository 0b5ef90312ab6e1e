import type {
  Binding,
  Challenge,
  Registered,
  RegisterResponse,
  RegistrarCalls,
  Rejected,
} from '@rollcall/rpc';
import { formatDigestChallenge, quoteText } from '@rollcall/sip';
import type { ChallengeLeases } from './challenge-leases.ts';
import { formatContact } from './contact-row.ts';
import type { DateRow } from './date-row.ts';
import type { Exchange } from './exchange.ts';
import type { EdgePath } from './forwarding/edge-path.ts';
import { domainOf, requestToProto } from './proto-mapping.ts';
import { RecentChallenges } from './recent-challenges.ts';

type Gruus = Registered['gruus'][number];

/**
 * Time for the registrar to answer. A phone on UDP retransmits at 500 ms, which is absorbed; a backend that is down
 * must be told to it within a second.
 */
const registrarTimeoutMs = 900;

/**
 * REGISTER: the first one, without credentials, is challenged here from a lease; every other goes to the registrar,
 * whose outcome becomes the response.
 */
export class RegisterRoute {
  readonly #registrar: RegistrarCalls;
  readonly #leases: ChallengeLeases;
  readonly #recent = new RecentChallenges();
  readonly #path: EdgePath;
  readonly #dateRow: DateRow;
  readonly #edgeName: string;

  constructor(parts: {
    registrar: RegistrarCalls;
    leases: ChallengeLeases;
    path: EdgePath;
    dateRow: DateRow;
    edgeName: string;
  }) {
    this.#registrar = parts.registrar;
    this.#leases = parts.leases;
    this.#path = parts.path;
    this.#dateRow = parts.dateRow;
    this.#edgeName = parts.edgeName;
  }

  /**
   * Challenges a REGISTER without credentials where a lease covers its domain; false where the registrar must see it.
   *
   * It takes no transaction (RFC 3261 section 8.2.7): a flood of such requests leaves no state behind that could grow, and
   * an avalanche of phones costs a third less. A repetition gets the same 401 as long as that is remembered.
   *
   * @throws SipParseError where a header is malformed.
   */
  challenge(exchange: Exchange): boolean {
    if (exchange.request.row('authorization') !== undefined) return false;
    const domain = domainOf(exchange.request);
    const { toTag, receivedAtMs, reliable } = exchange;
    // Over a stream nothing is repeated: the same bytes again are a new request (Timer J is 0).
    let rows = reliable ? undefined : this.#recent.find(toTag, receivedAtMs);
    if (rows === undefined) {
      rows = this.#leases.take(domain, exchange.flow.remote.host);
      if (rows === undefined) return false;
      if (!reliable) this.#recent.keep(toTag, rows, receivedAtMs);
    }
    exchange.reply(401, rows);
    return true;
  }

  /**
   * Answers a REGISTER that {@link challenge} left alone.
   *
   * @throws SipParseError where a header is malformed; ServiceFault where the registrar cannot answer.
   */
  async answer(exchange: Exchange): Promise<void> {
    const { request, flow } = exchange;
    const register = requestToProto(request, flow, this.#edgeName, this.#path.of(request, flow));
    const response = await this.#registrar.register(register, {
      timeoutMs: registrarTimeoutMs,
      traceparent: exchange.traceparent,
    });
    this.#reply(exchange, response, register.domain);
  }

  #reply(exchange: Exchange, { outcome }: RegisterResponse, domain: string): void {
    switch (outcome?.$case) {
      case 'registered':
        return exchange.reply(200, this.#registeredRows(outcome.value));
      case 'challenged':
        this.#leases.learn(domain);
        return this.#challengeAsTold(exchange, challengeRows(outcome.value));
      case 'rejected':
        return exchange.reply(
          outcome.value.status,
          rejectedRows(outcome.value),
          outcome.value.reasonPhrase || undefined,
        );
      default:
        return exchange.reply(500);
    }
  }

  /**
   * The registrar's own challenge. From now on a lease may cover the domain, and a repetition of this request is then
   * answered without looking for its transaction: it must get this 401, and no other (RFC 3261 section 17.2.2).
   */
  #challengeAsTold(exchange: Exchange, rows: string): void {
    const { request, toTag, receivedAtMs, reliable } = exchange;
    if (!reliable && request.row('authorization') === undefined) this.#recent.keep(toTag, rows, receivedAtMs);
    exchange.reply(401, rows);
  }

  /** What a 200 says (RFC 3261 section 10.3 step 8, RFC 3327 section 5.3, RFC 3608 section 6.3). */
  #registeredRows(registered: Registered): string {
    let rows = '';
    for (const [index, binding] of registered.bindings.entries()) {
      rows += contactRow(binding, registered.gruus[index]);
    }
    for (const value of registered.path) rows += `Path: ${value}\r\n`;
    for (const value of registered.serviceRoute) rows += `Service-Route: ${value}\r\n`;
    for (const value of registered.featureCaps) rows += `Feature-Caps: ${value}\r\n`;
    if (registered.associatedUris.length > 0)
      rows += `P-Associated-URI: ${registered.associatedUris.join(', ')}\r\n`;
    if (registered.authenticationInfo !== '')
      rows += `Authentication-Info: ${registered.authenticationInfo}\r\n`;
    if (registered.require.length > 0) rows += `Require: ${registered.require.join(', ')}\r\n`;
    if (registered.supported.length > 0) rows += `Supported: ${registered.supported.join(', ')}\r\n`;
    return rows + this.#dateRow.now();
  }
}

function contactRow(binding: Binding, gruus: Gruus | undefined): string {
  const outbound = binding.regId > 0 ? `;reg-id=${binding.regId}` : '';
  const instance = binding.instanceId === '' ? '' : `;+sip.instance="<${binding.instanceId}>"`;
  const given = gruus === undefined ? '' : gruuParams(gruus);
  const params = instance + outbound + given + binding.params;
  return formatContact(binding.uri, binding.qMilli, binding.expiresSec, params);
}

/** The contact parameters of RFC 5627 section 5.2. */
function gruuParams({ publicGruu, temporaryGruu }: Gruus): string {
  const known = publicGruu === '' ? '' : `;pub-gruu=${quoteText(publicGruu)}`;
  return temporaryGruu === '' ? known : `${known};temp-gruu=${quoteText(temporaryGruu)}`;
}

function challengeRows(challenge: Challenge): string {
  const { realm, nonce, opaque, qop, stale } = challenge;
  return challenge.algorithms
    .map(
      (algorithm) =>
        `WWW-Authenticate: ${formatDigestChallenge({ realm, nonce, opaque, algorithm, qop, stale })}\r\n`,
    )
    .join('');
}

function rejectedRows(rejected: Rejected): string {
  let rows = '';
  if (rejected.minExpiresSec > 0) rows += `Min-Expires: ${rejected.minExpiresSec}\r\n`;
  if (rejected.unsupported.length > 0) rows += `Unsupported: ${rejected.unsupported.join(', ')}\r\n`;
  if (rejected.retryAfterSec > 0) rows += `Retry-After: ${rejected.retryAfterSec}\r\n`;
  return rows;
}
