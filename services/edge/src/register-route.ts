import type { Binding, Registered, RegisterResponse, RegistrarCalls } from '@rollcall/rpc';
import { quoteText } from '@rollcall/sip';
import type { Flow } from '@rollcall/transport';
import type { ChallengeLeases } from './challenge-leases.ts';
import { formatContact } from './contact-row.ts';
import type { DateRow } from './date-row.ts';
import type { Exchange } from './exchange.ts';
import type { FirstChallenge } from './first-challenge.ts';
import type { EdgePath } from './forwarding/edge-path.ts';
import type { EndedFlows } from './forwarding/ended-flows.ts';
import type { FlowTimer } from './forwarding/flow-timer.ts';
import { domainOf, requestToProto } from './proto-mapping.ts';
import { challengeRows, rejectedRows } from './refusal-rows.ts';

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
  readonly #first: FirstChallenge;
  readonly #path: EdgePath;
  readonly #flowTimer: FlowTimer;
  readonly #ended: EndedFlows;
  readonly #dateRow: DateRow;
  readonly #edgeName: string;

  constructor(parts: {
    registrar: RegistrarCalls;
    leases: ChallengeLeases;
    first: FirstChallenge;
    path: EdgePath;
    flowTimer: FlowTimer;
    ended: EndedFlows;
    dateRow: DateRow;
    edgeName: string;
  }) {
    this.#registrar = parts.registrar;
    this.#leases = parts.leases;
    this.#first = parts.first;
    this.#path = parts.path;
    this.#flowTimer = parts.flowTimer;
    this.#ended = parts.ended;
    this.#dateRow = parts.dateRow;
    this.#edgeName = parts.edgeName;
  }

  /**
   * Challenges a REGISTER without credentials where a lease covers its domain; false where the registrar must see it.
   *
   * @throws SipParseError where a header is malformed.
   */
  challenge(exchange: Exchange): boolean {
    if (exchange.request.row('authorization') !== undefined) return false;
    return this.#first.answer(exchange, domainOf(exchange.request));
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
    // Before the phone is told: it may hang up at once.
    if (response.outcome?.$case === 'registered' && register.edgePath !== '')
      this.#ended.remember(flow, response.outcome.value.storedAor || register.aor);
    this.#reply(exchange, response, register.domain);
  }

  #reply(exchange: Exchange, { outcome }: RegisterResponse, domain: string): void {
    switch (outcome?.$case) {
      case 'registered':
        return exchange.reply(200, this.#registeredRows(outcome.value, exchange.flow));
      case 'challenged':
        this.#leases.learn(domain);
        return this.#first.passOn(exchange, challengeRows(outcome.value));
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

  /** What a 200 says (RFC 3261 section 10.3 step 8, RFC 3327 section 5.3, RFC 3608 section 6.3). */
  #registeredRows(registered: Registered, flow: Flow): string {
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
    if (registered.require.includes('outbound')) rows += this.#flowTimer.start(flow);
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
