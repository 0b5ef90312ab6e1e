import { buildResponse, parseMessage, SipRequest, SipResponse } from '@rollcall/sip';
import type { ReplyPath } from '../src/index.ts';
import { toTagFor } from '../src/index.ts';

/** What a test request may have other than usual; '' leaves the thing out. */
export interface RequestShape {
  readonly method?: string;
  readonly branch?: string;
  readonly sentBy?: string;
  readonly transport?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly cseqMethod?: string;
  readonly requestUri?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly extra?: string;
}

/** Bytes of a request from Alice. */
export function requestBytes(shape: RequestShape = {}): Buffer {
  const {
    method = 'REGISTER',
    branch = 'z9hG4bKalice1',
    sentBy = '192.0.2.1:5060',
    transport = 'UDP',
    callId = 'call-1@192.0.2.1',
    sequence = 1,
    cseqMethod = method,
    requestUri = 'sip:example.com',
    fromTag = 'from-1',
    toTag = '',
    extra = '',
  } = shape;
  return Buffer.from(
    `${method} ${requestUri} SIP/2.0\r\n` +
      `Via: SIP/2.0/${transport} ${sentBy}${branch === '' ? '' : `;branch=${branch}`};rport\r\n` +
      `Max-Forwards: 70\r\n` +
      `From: <sip:alice@example.com>${fromTag === '' ? '' : `;tag=${fromTag}`}\r\n` +
      `To: <sip:alice@example.com>${toTag === '' ? '' : `;tag=${toTag}`}\r\n` +
      `Call-ID: ${callId}\r\n` +
      `CSeq: ${sequence} ${cseqMethod}\r\n` +
      `${extra}Content-Length: 0\r\n\r\n`,
    'latin1',
  );
}

/** The same, parsed. */
export function makeRequest(shape: RequestShape = {}): SipRequest {
  const message = parseMessage(requestBytes(shape), 'datagram');
  if (!(message instanceof SipRequest)) throw new TypeError('not a request');
  return message;
}

/** A response to a request, as bytes. */
export function responseBytes(request: SipRequest, status: number, extra = ''): Buffer {
  return buildResponse(request, status, 'Test', {
    toTag: status === 100 ? '' : toTagFor(request),
    headers: extra,
  });
}

/** The same, parsed. */
export function makeResponse(request: SipRequest, status: number): SipResponse {
  return readResponse(responseBytes(request, status));
}

export function readResponse(bytes: Buffer | undefined): SipResponse {
  const message = parseMessage(bytes ?? Buffer.alloc(0), 'datagram');
  if (!(message instanceof SipResponse)) throw new TypeError('not a response');
  return message;
}

/** A way to the peer that remembers what was sent, and fails when told to. */
export class RecordedPath implements ReplyPath {
  readonly reliable: boolean;
  readonly received = '203.0.113.7';
  readonly rport = 40_000;
  readonly sent: Buffer[] = [];
  broken = false;

  constructor(reliable = false) {
    this.reliable = reliable;
  }

  send(bytes: Buffer): void {
    if (this.broken) throw new Error('connection gone');
    this.sent.push(bytes);
  }

  /** Status codes of the responses sent. */
  get statuses(): number[] {
    return this.sent.map((bytes) => readResponse(bytes).status);
  }
}
