/** Messages for tests: a good REGISTER and ways to spoil it. */
import {
  parseMessage,
  type SipMessage,
  SipParseError,
  type SipRequest,
  validateRequest,
} from '../src/index.ts';

/** The rows that a REGISTER must have. */
export const mandatory = [
  'Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1;rport',
  'Max-Forwards: 70',
  'From: <sip:alice@example.com>;tag=a1',
  'To: <sip:alice@example.com>',
  'Call-ID: c-1@192.0.2.1',
  'CSeq: 7 REGISTER',
];

export function parse(text: string, framing: 'datagram' | 'stream' = 'datagram'): SipMessage {
  return parseMessage(Buffer.from(text, 'latin1'), framing);
}

export function asRequest(message: SipMessage): SipRequest {
  if (message.kind !== 'request') throw new Error('not a request');
  return message;
}

/** A REGISTER of the given rows. */
export function register(
  rows: readonly string[],
  startLine = 'REGISTER sip:example.com SIP/2.0',
  body = '',
): SipRequest {
  return asRequest(parse(`${startLine}\r\n${rows.join('\r\n')}\r\n\r\n${body}`));
}

/** A good REGISTER and rows added to it. */
export function withRows(...rows: string[]): SipRequest {
  return register([...mandatory, ...rows]);
}

export function contactsOf(request: SipRequest): string[] {
  return request.contacts.star ? ['*'] : request.contacts.contacts.map((contact) => contact.uri);
}

export function verdict(request: SipRequest): string {
  const found = validateRequest(request);
  return found === undefined ? 'good' : `${found.status ?? 'drop'} ${found.code}`;
}

export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SipParseError) return error.code;
    throw error;
  }
  return 'none';
}
