import { hash } from 'node:crypto';
import { domain, ha1Of, userOf } from '../fleet.ts';
import type { LoadTransport } from './order.ts';

/** What a phone remembers from one operation to the next. */
export interface Phone {
  readonly index: number;
  readonly user: string;
  readonly ha1: string;
  /** Where it listens: the UDP port that it sends from. */
  readonly contactPort: number;
  cseq: number;
  nonce: string;
  nc: number;
}

/** A phone that has not registered yet. */
export function makePhone(index: number, contactPort: number): Phone {
  const user = userOf(index);
  return { index, user, ha1: ha1Of(user), contactPort, cseq: 0, nonce: '', nc: 0 };
}

const requestUri = `sip:${domain}`;
const ha2 = hash('md5', `REGISTER:${requestUri}`);
const cnonce = '0a4f113b';
const viaOf = { udp: 'SIP/2.0/UDP', tcp: 'SIP/2.0/TCP' } as const;

/** Where a phone sends from. */
export interface Origin {
  readonly transport: LoadTransport;
  readonly port: number;
  /** Makes branches and tags of this run its own. */
  readonly run: string;
}

/** A REGISTER as a desk phone sends it; with credentials once a nonce is known. */
export function formatRegister(phone: Phone, origin: Origin): string {
  const { user, cseq, index } = phone;
  const { transport, port, run } = origin;
  return (
    `REGISTER ${requestUri} SIP/2.0\r\n` +
    `Via: ${viaOf[transport]} 127.0.0.1:${port};rport;branch=z9hG4bK${run}${index}r${cseq}\r\n` +
    'Max-Forwards: 70\r\n' +
    `From: <sip:${user}@${domain}>;tag=${run}${index}\r\n` +
    `To: <sip:${user}@${domain}>\r\n` +
    `Call-ID: ${index}-7f3a9c5e2b@127.0.0.1\r\n` +
    `CSeq: ${cseq} REGISTER\r\n` +
    // The same in each run and over TCP, so that a refresh refreshes.
    `Contact: <sip:${user}@127.0.0.1:${phone.contactPort}>\r\n` +
    'Expires: 3600\r\n' +
    'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO\r\n' +
    'Supported: replaces, timer\r\n' +
    'User-Agent: Desk phone 108.86.0.45\r\n' +
    (phone.nonce === '' ? '' : formatAuthorization(phone)) +
    'Content-Length: 0\r\n\r\n'
  );
}

function formatAuthorization(phone: Phone): string {
  const nc = phone.nc.toString(16).padStart(8, '0');
  const response = hash('md5', `${phone.ha1}:${phone.nonce}:${nc}:${cnonce}:auth:${ha2}`);
  return (
    `Authorization: Digest username="${phone.user}", realm="${domain}", nonce="${phone.nonce}", ` +
    `uri="${requestUri}", response="${response}", algorithm=MD5, cnonce="${cnonce}", qop=auth, nc=${nc}\r\n`
  );
}

/** An INVITE or its ACK from some caller to a phone. */
export function formatCall(
  method: 'INVITE' | 'ACK',
  phone: Phone,
  origin: Origin,
  call: number,
  toTag: string,
): string {
  const { user, index } = phone;
  const { transport, port, run } = origin;
  return (
    `${method} sip:${user}@${domain} SIP/2.0\r\n` +
    `Via: ${viaOf[transport]} 127.0.0.1:${port};rport;branch=z9hG4bK${run}${index}i${call}\r\n` +
    'Max-Forwards: 70\r\n' +
    `From: <sip:caller@${domain}>;tag=${run}${index}i${call}\r\n` +
    `To: <sip:${user}@${domain}>${toTag}\r\n` +
    `Call-ID: ${index}-i${run}${call}@127.0.0.1\r\n` +
    `CSeq: ${call} ${method}\r\n` +
    (method === 'ACK' ? '' : `Contact: <sip:caller@127.0.0.1:${port}>\r\n`) +
    'Content-Length: 0\r\n\r\n'
  );
}

/** What the generator reads of an answer. */
export interface Answer {
  readonly status: number;
  readonly index: number;
  readonly cseq: number;
  readonly text: string;
}

/** Reads status, phone and CSeq; undefined where this is no answer to one of ours. */
export function readAnswer(text: string): Answer | undefined {
  if (!text.startsWith('SIP/2.0 ')) return undefined;
  const callId = text.indexOf('\r\nCall-ID: ');
  const cseq = text.indexOf('\r\nCSeq: ');
  if (callId < 0 || cseq < 0) return undefined;
  return {
    status: Number.parseInt(text.slice(8, 11), 10),
    index: Number.parseInt(text.slice(callId + 11, callId + 21), 10),
    cseq: Number.parseInt(text.slice(cseq + 8, cseq + 18), 10),
    text,
  };
}

/** The nonce of a challenge. */
export function readNonce(text: string): string {
  const from = text.indexOf('nonce="') + 7;
  return from < 7 ? '' : text.slice(from, text.indexOf('"', from));
}

/** ";tag=…" of the To header, or nothing. */
export function readToTag(text: string): string {
  const to = text.indexOf('\r\nTo: ');
  const end = text.indexOf('\r\n', to + 2);
  const tag = text.indexOf(';tag=', to);
  return tag < 0 || tag > end ? '' : text.slice(tag, end);
}
