import { setTimeout as wait } from 'node:timers/promises';
import type { DigestAlgorithm } from '@rollcall/digest';
import { type ContactValue, parseMessage, SipRequest, type SipResponse } from '@rollcall/sip';
import { AgentTimeout, answerChallenge, type SipAgent } from '@rollcall/testkit';
import { asResponse, ConformanceFailure, expectStatus } from './expectations.ts';
import { domain, type TestUser } from './test-users.ts';

/** A REGISTER; what is left out is what a phone of the user's own would send. Texts are byte strings. */
export interface RegisterOptions {
  /** Value of one Contact row; default the agent's own address; '' for no Contact. */
  readonly contact?: string;
  /** Further rows, each "Name: value". */
  readonly headers?: readonly string[];
  /** Default sip:example.com. */
  readonly requestUri?: string;
  /** URI of the To header; default the user's AOR. */
  readonly to?: string;
  /** URI of the From header; default the user's AOR. */
  readonly from?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly branch?: string;
  readonly body?: string;
  readonly algorithm?: DigestAlgorithm;
  /** The uri parameter of the credentials; default the Request-URI. */
  readonly digestUri?: string;
  /** Last change to the text before it is sent: for everything that no agent would write. */
  readonly edit?: (text: string) => string;
}

/**
 * The text of a REGISTER with credentials for a challenge of its own, ready to be sent, changed or sent twice. The first
 * REGISTER, which gets the challenge, names no contact.
 */
export async function formatRegister(
  agent: SipAgent,
  user: TestUser,
  options: RegisterOptions = {},
): Promise<string> {
  const { edit = (text: string) => text } = options;
  return edit(await agent.format(await authorise(agent, user, options)));
}

/** Registers as {@link formatRegister} writes it, and gives the final response. */
export async function register(
  agent: SipAgent,
  user: TestUser,
  options: RegisterOptions = {},
): Promise<SipResponse> {
  return exchange(agent, await formatRegister(agent, user, options));
}

/** {@link register}, which must succeed. */
export async function registered(
  agent: SipAgent,
  user: TestUser,
  options: RegisterOptions = {},
): Promise<SipResponse> {
  const response = await register(agent, user, options);
  expectStatus(response, 200);
  return response;
}

/** The Contact values of the user's bindings as the product gives them to a REGISTER without Contact. */
export async function fetchContacts(agent: SipAgent, user: TestUser): Promise<readonly string[]> {
  return (await registered(agent, user, { contact: '', callId: freshCallId() })).values('contact');
}

/** The same, parsed. */
export async function fetchBindings(agent: SipAgent, user: TestUser): Promise<readonly ContactValue[]> {
  return contactsOf(await registered(agent, user, { contact: '', callId: freshCallId() }));
}

/** The Contact values of a message, parsed. */
export function contactsOf(message: SipResponse): readonly ContactValue[] {
  const { contacts } = message;
  if (contacts.star) throw new ConformanceFailure('Contact: * in a response');
  return contacts.contacts;
}

/** Contact URIs of a message, in its order. */
export function urisOf(message: SipResponse): readonly string[] {
  return contactsOf(message).map(({ uri }) => uri);
}

/** Sends a text and gives the next final response, whatever it belongs to. */
export async function exchange(agent: SipAgent, text: string, timeoutMs?: number): Promise<SipResponse> {
  await agent.sendText(text);
  return nextFinal(agent, timeoutMs);
}

/** The next final response. */
export async function nextFinal(agent: SipAgent, timeoutMs?: number): Promise<SipResponse> {
  for (;;) {
    const response = asResponse(await agent.nextMessage(timeoutMs));
    if (response.status >= 200) return response;
  }
}

/** The text of the next final response, to be compared byte by byte. */
export async function nextFinalText(agent: SipAgent, timeoutMs?: number): Promise<string> {
  for (;;) {
    const text = await agent.nextText(timeoutMs);
    if (!text.startsWith('SIP/2.0 1')) return text;
  }
}

/** Fails where any SIP message comes within the time. */
export async function expectSilence(agent: SipAgent, forMs: number): Promise<void> {
  let text: string;
  try {
    text = await agent.nextText(forMs);
  } catch (error) {
    if (error instanceof AgentTimeout) return;
    throw error;
  }
  throw new ConformanceFailure(`expected silence, received ${JSON.stringify(text.split('\r\n')[0])}`);
}

/** A request's text, parsed: to read what an agent wrote. */
export function readRequest(text: string): SipRequest {
  const message = parseMessage(Buffer.from(text, 'latin1'), 'datagram');
  if (message instanceof SipRequest) return message;
  throw new ConformanceFailure('not a request');
}

export function freshCallId(): string {
  return `${crypto.randomUUID()}@conformance.test`;
}

export function freshBranch(): string {
  return `z9hG4bK${crypto.randomUUID()}`;
}

/** Waits; for timers of the product, which no event tells of. */
export function pause(forMs: number): Promise<void> {
  return wait(forMs);
}

async function authorise(agent: SipAgent, user: TestUser, options: RegisterOptions) {
  const requestUri = options.requestUri ?? `sip:${domain}`;
  const { callId = freshCallId() } = options;
  const base = { method: 'REGISTER', uri: requestUri, from: options.from ?? user.aor, callId };
  // Asked for the domain itself, which is challenged whatever the request's own Request-URI and To are.
  const asked = { ...base, uri: `sip:${domain}`, to: user.aor, branch: freshBranch() };
  const challenged = await agent.request({ ...asked, ...(options.cseq === undefined ? {} : { cseq: 0 }) });
  expectStatus(challenged, 401);
  const { username, password } = user;
  const { algorithm, digestUri: uri = requestUri, contact = await agent.contactFor(username) } = options;
  const authorization = answerChallenge(challenged, {
    username,
    password,
    method: 'REGISTER',
    uri,
    ...(algorithm === undefined ? {} : { algorithm }),
  });
  const { cseq, branch, body } = options;
  return {
    ...base,
    to: options.to ?? user.aor,
    ...(cseq === undefined ? {} : { cseq }),
    ...(branch === undefined ? {} : { branch }),
    ...(body === undefined ? {} : { body }),
    headers: [
      ...(contact === '' ? [] : [`Contact: ${contact}`]),
      ...(options.headers ?? []),
      `Authorization: ${authorization}`,
    ],
  };
}
