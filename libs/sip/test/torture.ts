import { readFileSync } from 'node:fs';
import {
  canonicalAor,
  parseMessage,
  SipParseError,
  type SipRequest,
  type SipResponse,
  validateRequest,
  validateResponse,
} from '../src/index.ts';

/** The archived messages. */
export const folder = new URL('../../../test/data/', import.meta.url);

/** What parser and validator make of a file: a code of errors.ts with the status owed, or 'good'. */
export type Expected = 'good' | readonly [status: number | 'drop', code: string];

export interface Row {
  readonly file: string;
  /** Row of the conformance list. */
  readonly id: string;
  readonly expect: Expected;
  readonly request?: (request: SipRequest) => void;
  readonly response?: (response: SipResponse) => void;
}

export const nothingKnown = { require: new Set<string>(), proxyRequire: new Set<string>() };

export function bytesOf(set: string, file: string): Buffer {
  return readFileSync(new URL(`${set}/${file}`, folder));
}

/** The message with CRLFs and its body's real length. */
export function asMeant(bytes: Buffer): Buffer {
  const [head = '', ...rest] = bytes.toString('latin1').replaceAll('\n', '\r\n').split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  return Buffer.from(`${head.replace(/(Content-Length: )\d+/, `$1${body.length}`)}\r\n\r\n${body}`, 'latin1');
}

export function aorOf(request: SipRequest): string {
  return request.toUri.kind === 'sip' ? canonicalAor(request.toUri) : '';
}

export function contactUris(request: SipRequest): string[] {
  return request.contacts.star ? [] : request.contacts.contacts.map((contact) => contact.uri);
}

export function judge(bytes: Buffer): Expected {
  try {
    const message = parseMessage(bytes, 'datagram');
    if (message.kind === 'response') {
      const code = validateResponse(message);
      return code === undefined ? 'good' : ['drop', code];
    }
    const verdict = validateRequest(message, nothingKnown);
    return verdict === undefined ? 'good' : [verdict.status ?? 'drop', verdict.code];
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return [error.status ?? 'drop', error.code];
  }
}

export function look(row: Row, bytes: Buffer): void {
  if (row.request === undefined && row.response === undefined) return;
  const message = parseMessage(bytes, 'datagram');
  if (message.kind === 'request') row.request?.(message);
  else row.response?.(message);
}
