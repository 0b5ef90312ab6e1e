import { buildResponse, type SipMessage, type SipRequest, type SipResponse } from '@rollcall/sip';
import { AgentTimeout, type SipAgent } from '@rollcall/testkit';
import { expect } from 'vitest';

/** The next message, which is a request. */
export async function nextRequest(agent: SipAgent): Promise<SipRequest> {
  return expectRequest(await agent.nextMessage());
}

/** The message as a request. */
export function expectRequest(message: SipMessage): SipRequest {
  if (message.kind !== 'request') throw new Error(`a ${message.status}, not a request`);
  return message;
}

/** The next response that is no 100. */
export async function nextResponse(agent: SipAgent): Promise<SipResponse> {
  for (;;) {
    const message = await agent.nextMessage();
    if (message.kind !== 'response') throw new Error(`${message.method}, not a response`);
    if (message.status > 100) return message;
  }
}

/** Answers a request as the phone does. */
export function answer(agent: SipAgent, request: SipRequest, status: number, headers = ''): Promise<void> {
  const bytes = buildResponse(request, status, 'X', { toTag: 'phone', headers });
  return agent.sendText(bytes.toString('latin1'));
}

/** Nothing comes. */
export async function expectSilence(agent: SipAgent, forMs = 300): Promise<void> {
  await expect(agent.nextMessage(forMs)).rejects.toThrow(AgentTimeout);
}

/** The token of a Route, Path or Record-Route value. */
export function tokenOf(value: string): string {
  return value.slice(value.indexOf(':') + 1, value.indexOf('@'));
}
