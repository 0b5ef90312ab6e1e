import { randomBytes } from 'node:crypto';
import type { HeaderRow, SipResponse } from '@rollcall/sip';
import type { AddressOfRecord } from './address-argument.ts';
import { answerChallenge, type Login, nameAlgorithm, pickStrongest } from './answer-challenge.ts';
import type { ExchangeLog } from './exchange-log.ts';
import { explainStatus } from './explain-status.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { SipCaller } from './sip-caller.ts';

/** What a REGISTER asks for (RFC 3261 §10.2). */
export type Wish =
  | { readonly kind: 'bind'; readonly contact: string; readonly expiresSec: number }
  /** Without a contact: all of them. */
  | { readonly kind: 'remove'; readonly contact: string | undefined }
  | { readonly kind: 'fetch' };

/** Who registers, and how. */
export interface Registration {
  readonly aor: AddressOfRecord;
  readonly username: string;
  /** undefined where none was given. */
  readonly password: string | undefined;
  readonly wish: Wish;
}

/** How a registration ended: with a final response. */
export interface RegistrationEnd {
  readonly response: SipResponse;
  /** What a refusal means and what to do; '' where nothing is to be said. */
  readonly explanation: string;
}

/** A challenge, and once more where the nonce was stale; a server that asks a third time will ask for ever. */
const maxAnswers = 2;

/**
 * Registers as a phone does: without credentials first, then with the answer to the strongest challenge.
 *
 * @throws CommandFailure where there is no answer in time
 */
export async function register(
  caller: SipCaller,
  registration: Registration,
  log: ExchangeLog,
): Promise<RegistrationEnd> {
  const first = firstRequest(registration);
  let request = first;
  log.sent('REGISTER', describe(registration));
  for (let answers = 0; ; answers += 1) {
    const { response, afterMs } = await caller.send(request);
    if (response.status !== 401) {
      log.received(response, afterMs);
      return { response, explanation: explainStatus('REGISTER', response, registration.aor.aor) };
    }
    const challenges = response.wwwAuthenticate;
    log.received(response, afterMs, `offers ${challenges.map(nameAlgorithm).join(', ') || 'nothing known'}`);
    const challenge = pickStrongest(challenges);
    if (challenge === undefined) {
      return {
        response,
        explanation: 'none of the challenges can be answered: Digest with qop=auth is needed',
      };
    }
    const login = readLogin(registration);
    if (login === undefined) {
      return {
        response,
        explanation: 'a password is needed: --password, --password-file or ROLLCALL_PASSWORD',
      };
    }
    if (answers === maxAnswers || (answers > 0 && !challenge.stale)) {
      return { response, explanation: wrongCredentials(login, challenge.realm) };
    }
    log.sent('REGISTER', `as ${login.username} with ${nameAlgorithm(challenge)} credentials`);
    const answer = answerChallenge(challenge, login, first, randomBytes(8).toString('hex'));
    request = {
      ...first,
      cseq: request.cseq + 1,
      headers: [...first.headers, ['Authorization', answer]],
    };
  }
}

function wrongCredentials(login: Login, realm: string): string {
  return (
    `wrong credentials or configuration: the server did not accept "${login.username}" with this password in realm "${realm}"; ` +
    'check the password, --username and the domain'
  );
}

function readLogin({ username, password }: Registration): Login | undefined {
  return password === undefined ? undefined : { username, password };
}

/** All requests of one registration have one Call-ID and growing CSeq (RFC 3261 §10.2). */
function firstRequest({ aor, wish }: Registration): OutgoingRequest {
  return {
    method: 'REGISTER',
    requestUri: `sip:${aor.domain}`,
    from: `<${aor.aor}>;tag=${randomBytes(6).toString('hex')}`,
    to: `<${aor.aor}>`,
    callId: randomBytes(12).toString('hex'),
    cseq: 1,
    headers: contactRows(wish),
  };
}

function contactRows(wish: Wish): HeaderRow[] {
  switch (wish.kind) {
    case 'bind':
      return [['Contact', `<${wish.contact}>;expires=${wish.expiresSec}`]];
    case 'remove':
      return wish.contact === undefined
        ? [
            ['Contact', '*'],
            ['Expires', '0'],
          ]
        : [['Contact', `<${wish.contact}>;expires=0`]];
    case 'fetch':
      return [];
  }
}

function describe({ aor, wish }: Registration): string {
  switch (wish.kind) {
    case 'bind':
      return `${aor.aor} at ${wish.contact} for ${wish.expiresSec} s`;
    case 'remove':
      return `${aor.aor} without ${wish.contact ?? 'all its contacts'}`;
    case 'fetch':
      return `${aor.aor}: which contacts has it?`;
  }
}
