import { buildResponse, SipRequest, unescapeUri } from '@rollcall/sip';
import type { SipAgent } from '@rollcall/testkit';
import type { ConformanceTarget } from './conformance-case.ts';
import { ConformanceFailure, expectEqual, expectStatus } from './expectations.ts';
import { registered, urisOf } from './registering.ts';
import type { TestUser } from './test-users.ts';

/** A phone that is registered, and its user. */
export interface RegisteredPhone {
  readonly agent: SipAgent;
  readonly user: TestUser;
  /** Its contact's URI. */
  readonly uri: string;
}

/** How to reach somebody: what a 302 says, taken apart as RFC 3261 §19.1.5 has it. */
export interface Way {
  readonly uri: string;
  /** Values of the Route header; none where the contact is reached directly. */
  readonly route: readonly string[];
}

const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';

/** Registers a phone that supports outbound with its own address, by TCP unless otherwise said. */
export async function openPhone(
  target: ConformanceTarget,
  options: {
    readonly agent?: SipAgent;
    readonly user?: TestUser;
    readonly regId?: number;
    readonly headers?: readonly string[];
  } = {},
): Promise<RegisteredPhone> {
  const { agent = target.agent('tcp'), user = target.freshUser() } = options;
  const own = await agent.contactFor(user.username);
  const regId = options.regId === undefined ? '' : `;${instance};reg-id=${options.regId}`;
  const headers = options.headers ?? ['Supported: path, outbound'];
  await registered(agent, user, { contact: `${own}${regId}`, headers });
  return { agent, user, uri: own.slice(1, -1) };
}

/** Asks where the user is, and takes the answer apart: one way, or the case fails. */
export async function wayTo(caller: SipAgent, user: TestUser): Promise<Way> {
  const answer = await caller.request({ method: 'INVITE', uri: user.aor });
  expectStatus(answer, 302);
  const uris = urisOf(answer);
  expectEqual(uris.length, 1, 'number of contacts');
  const [uri = '', headers = ''] = (uris[0] ?? '').split('?');
  const route = headers === '' ? [] : unescapeUri(headers.replace(/^Route=/, '')).split(',');
  return { uri, route };
}

/** The rows for a request that goes this way. */
export function routeRows({ route }: Way, ...more: readonly string[]): string[] {
  return [...(route.length > 0 ? [`Route: ${route.join(', ')}`] : []), ...more];
}

/** The next message, which has to be a request. */
export async function nextRequest(agent: SipAgent, timeoutMs?: number): Promise<SipRequest> {
  const message = await agent.nextMessage(timeoutMs);
  if (message instanceof SipRequest) return message;
  throw new ConformanceFailure(`expected a request, received a ${message.status}`);
}

/** Answers a request as a phone does; `headers` are whole rows without line ends. */
export async function answer(
  agent: SipAgent,
  request: SipRequest,
  status: number,
  ...headers: readonly string[]
): Promise<void> {
  const rows = headers.map((row) => `${row}\r\n`).join('');
  const bytes = buildResponse(request, status, 'Answer', { toTag: 'phone', headers: rows });
  await agent.sendText(bytes.toString('latin1'));
}
