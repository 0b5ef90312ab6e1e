import { computeHa1, computeResponse, readAlgorithm } from '@rollcall/digest';
import {
  type DigestChallenge,
  formatDigestCredentials,
  parseDigestChallenge,
  type SipResponse,
} from '@rollcall/sip';
import type { SipAgent } from '@rollcall/testkit';
import { ConformanceFailure, expectStatus } from './expectations.ts';
import { freshCallId } from './registering.ts';
import { domain, type TestUser } from './test-users.ts';

/** Credentials of any kind, right or wrong; what is left out is as a good phone has it. Texts are byte strings. */
export interface CredentialsWanted {
  /** The name that is hashed. */
  readonly username?: string;
  /** The name that is shown, where it is not the one hashed. */
  readonly shownUsername?: string;
  readonly password?: string;
  readonly realm?: string;
  readonly nonce?: string;
  readonly uri?: string;
  /** As in the parameter, for example SHA-256-sess; default SHA-256. */
  readonly algorithm?: string;
  /** '' for the form of RFC 2069. */
  readonly qop?: string;
  readonly nc?: string;
  readonly cnonce?: string;
  readonly opaque?: string;
  readonly userhash?: boolean;
  /** The body that auth-int covers; default none. */
  readonly body?: string;
  /** Last change to the row's value. */
  readonly edit?: (value: string) => string;
}

/** The challenges of a 401, parsed; rows of other schemes are left out. */
export function challengesOf(response: SipResponse): DigestChallenge[] {
  return response.rows('www-authenticate').flatMap((row) => parseDigestChallenge(row) ?? []);
}

/** Sends a REGISTER without credentials, and gives the 401. */
export async function provoke(agent: SipAgent, user: TestUser): Promise<SipResponse> {
  const challenged = await agent.request(registerOf(user));
  expectStatus(challenged, 401);
  return challenged;
}

/** The value of an Authorization row that answers a 401. */
export function formatCredentials(
  challenged: SipResponse,
  user: TestUser,
  wanted: CredentialsWanted = {},
): string {
  const { algorithm = 'SHA-256', username = user.username, body = '' } = wanted;
  const challenge =
    challengesOf(challenged).find((each) => each.algorithm === algorithm) ?? challengesOf(challenged)[0];
  const read = readAlgorithm(algorithm);
  if (challenge === undefined || read === undefined) throw new ConformanceFailure('no digest challenge');
  const { qop = 'auth', cnonce = qop === '' ? '' : '0a4f113b', nc = qop === '' ? '' : '00000001' } = wanted;
  const { realm = challenge.realm, nonce = challenge.nonce, uri = `sip:${domain}` } = wanted;
  const parts = { ...read, uri, method: 'REGISTER', nonce, cnonce, nc, qop };
  const ha1 = computeHa1(read.algorithm, username, realm, wanted.password ?? user.password);
  const response = computeResponse(ha1, { ...parts, body: Buffer.from(body, 'latin1') });
  const value = formatDigestCredentials({
    ...{
      username: wanted.shownUsername ?? username,
      realm,
      nonce,
      uri,
      response,
      algorithm,
      cnonce,
      nc,
      qop,
    },
    opaque: wanted.opaque ?? challenge.opaque,
    userhash: wanted.userhash ?? false,
  });
  return wanted.edit?.(value) ?? value;
}

/** Sends a REGISTER with an Authorization row of that value, in a Call-ID of its own. */
export function registerWith(
  agent: SipAgent,
  user: TestUser,
  authorization: string,
  extra: { readonly uri?: string; readonly body?: string; readonly headers?: readonly string[] } = {},
): Promise<SipResponse> {
  const contact = '<sip:digest@192.0.2.1>';
  const headers = [`Contact: ${contact}`, ...(extra.headers ?? []), `Authorization: ${authorization}`];
  return agent.request({ ...registerOf(user), ...extra, headers });
}

/** The whole round: a challenge, and credentials for it. */
export async function authenticate(
  agent: SipAgent,
  user: TestUser,
  wanted: CredentialsWanted = {},
): Promise<SipResponse> {
  return registerWith(agent, user, formatCredentials(await provoke(agent, user), user, wanted));
}

function registerOf(user: TestUser) {
  return {
    method: 'REGISTER',
    uri: `sip:${domain}`,
    from: user.aor,
    to: user.aor,
    callId: freshCallId(),
  };
}
