import { createServer } from 'node:net';
import { buildResponse, type SipRequest, type SipResponse } from '@rollcall/sip';
import { answerChallenge, type SipAgent } from '@rollcall/testkit';
import type { HostPort } from '@rollcall/transport';
import { ConformanceFailure, expectStatus } from './expectations.ts';
import { freshBranch, freshCallId } from './registering.ts';
import type { TestUser } from './test-users.ts';

/** A SUBSCRIBE; what is left out is as a good watcher has it. */
export interface SubscribeOptions {
  /** The AOR to be watched; default the watcher's own. */
  readonly aor?: string;
  /** Further rows; Event, Accept and Contact are there where none of these names them. */
  readonly headers?: readonly string[];
}

/** Sends a SUBSCRIBE, and again with credentials where it is challenged; gives the last response. */
export async function subscribe(
  agent: SipAgent,
  watcher: TestUser,
  options: SubscribeOptions = {},
): Promise<SipResponse> {
  const { aor = watcher.aor } = options;
  const request = { method: 'SUBSCRIBE', uri: aor, from: watcher.aor, callId: freshCallId() };
  return authorised(agent, watcher, { ...request, headers: await rowsOf(agent, options.headers ?? []) });
}

/** A SUBSCRIBE within the dialog that a 200 has opened. */
export async function subscribeAgain(
  agent: SipAgent,
  watcher: TestUser,
  accepted: SipResponse,
  headers: readonly string[] = [],
): Promise<SipResponse> {
  return authorised(agent, watcher, {
    method: 'SUBSCRIBE',
    uri: /<([^>]*)>/.exec(accepted.row('contact') ?? '')?.[1] ?? '',
    from: watcher.aor,
    fromTag: accepted.from.tag ?? '',
    to: accepted.to.uri,
    toTag: accepted.to.tag ?? '',
    callId: accepted.callId,
    headers: await rowsOf(agent, headers),
  });
}

/** {@link subscribe}, which must succeed, with the NOTIFY that follows. */
export async function subscribed(
  agent: SipAgent,
  watcher: TestUser,
  options: SubscribeOptions = {},
): Promise<{ readonly accepted: SipResponse; readonly first: SipRequest }> {
  const accepted = await subscribe(agent, watcher, options);
  expectStatus(accepted, 200);
  return { accepted, first: await nextNotify(agent) };
}

/** Branches of the NOTIFYs that an agent has taken. */
const taken = new WeakMap<SipAgent, Set<string>>();

/** The next NOTIFY, which is answered 200; what is repeated since nobody looked for half a second is answered only. */
export async function nextNotify(agent: SipAgent, timeoutMs?: number): Promise<SipRequest> {
  for (;;) {
    const message = await agent.nextMessage(timeoutMs);
    if (message.kind === 'response') continue;
    if (message.method !== 'NOTIFY') throw new ConformanceFailure(`a NOTIFY: received ${message.method}`);
    await agent.sendText(buildResponse(message, 200, 'OK', { toTag: '' }).toString('latin1'));
    const branches = taken.get(agent) ?? new Set();
    taken.set(agent, branches);
    const branch = message.topVia.branch ?? '';
    if (branches.has(branch)) continue;
    branches.add(branch);
    return message;
  }
}

/** What a document says of each contact, by its URI: state and event. */
export function contactsTold(notify: SipRequest): Readonly<Record<string, string>> {
  const told: Record<string, string> = {};
  const pattern = /<contact [^>]*state="(\w+)" event="(\w+)"[^>]*>\s*<uri>([^<]*)<\/uri>/g;
  for (const [, state, event, uri = ''] of notify.body.toString('utf8').matchAll(pattern))
    told[uri] = `${state} ${event}`;
  return told;
}

/** Attributes of the document as a whole: version, full or partial, and the registration's state. */
export function documentOf(notify: SipRequest): {
  readonly version: number;
  readonly kind: string;
  readonly state: string;
} {
  const body = notify.body.toString('utf8');
  const [, version, kind] = /<reginfo [^>]*version="(\d+)" state="(\w+)"/.exec(body) ?? [];
  const [, state] = /<registration [^>]*state="(\w+)"/.exec(body) ?? [];
  if (version === undefined || kind === undefined || state === undefined)
    throw new ConformanceFailure(`a reginfo document: received ${body}`);
  return { version: Number(version), kind, state };
}

/** Takes the first message of the first connection to an address. */
export async function acceptOne(
  local: HostPort,
): Promise<{ readonly message: Promise<string>; close(): Promise<void> }> {
  const server = createServer();
  const message = new Promise<string>((resolve) => {
    server.once('connection', (socket) => {
      socket.once('data', (bytes) => resolve(bytes.toString('latin1')));
      socket.on('error', () => undefined);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(local.port, local.host, resolve);
  });
  return {
    message,
    close: async () => {
      server.close();
      await Promise.resolve();
    },
  };
}

async function authorised(
  agent: SipAgent,
  { username, password }: TestUser,
  request: Parameters<SipAgent['request']>[0] & { readonly headers: readonly string[] },
): Promise<SipResponse> {
  const challenged = await agent.request({ ...request, branch: freshBranch() });
  if (challenged.status !== 401) return challenged;
  const { method, uri } = request;
  const authorization = answerChallenge(challenged, { username, password, method, uri });
  const headers = [...request.headers, `Authorization: ${authorization}`];
  return agent.request({ ...request, branch: freshBranch(), headers });
}

async function rowsOf(agent: SipAgent, given: readonly string[]): Promise<string[]> {
  const usual = [
    'Event: reg',
    'Accept: application/reginfo+xml',
    `Contact: ${await agent.contactFor('watcher')}`,
  ];
  const isGiven = (row: string) => given.some((each) => each.split(':')[0] === row.split(':')[0]);
  return [...usual.filter((row) => !isGiven(row)), ...given];
}
