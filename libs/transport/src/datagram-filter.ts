import { isTokenByte } from './token-byte.ts';

/** What a datagram is, as far as its first bytes tell. `sip` means: worth parsing. */
export type DatagramKind = 'sip' | 'stun' | 'keep-alive' | 'too-short' | 'garbage';

/** `A b SIP/2.0` and the two CRLFs: nothing shorter is a message. */
const SHORTEST_MESSAGE = 15;
/** RFC 5389 §6: 20 bytes of header, and this magic cookie in bytes 4 to 7. */
const STUN_HEADER_BYTES = 20;
const STUN_MAGIC_COOKIE = 0x2112a442;
const CR = 13;
const LF = 10;

/** Where the message starts: CRLFs in front of a start line are ignored (RFC 3261 §7.5). */
export function skipLeadingLineEnds(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && (bytes[at] === CR || bytes[at] === LF)) at += 1;
  return at;
}

/**
 * Judges a datagram before anything is allocated for it. RFC 5626 §4.4.1 defines the CRLF keep-alive for streams only, so
 * one on UDP is counted and never answered: a spoofed source would make the answer a reflection.
 */
export function classifyDatagram(bytes: Buffer, start: number): DatagramKind {
  const length = bytes.length - start;
  if (length === 0) return 'keep-alive';
  const first = bytes[start] ?? 0;
  if (first < 4) return classifyBinary(bytes);
  if (!isTokenByte(first)) return 'garbage';
  return length < SHORTEST_MESSAGE ? 'too-short' : 'sip';
}

/** STUN and SIP share a port by the first two bits, which are 0 in STUN (RFC 5626 §8). */
function classifyBinary(bytes: Buffer): DatagramKind {
  if (bytes.length >= STUN_HEADER_BYTES && bytes.readUInt32BE(4) === STUN_MAGIC_COOKIE) return 'stun';
  // Some phones keep their NAT open with a few zero bytes.
  return bytes.length <= 4 && bytes.every((byte) => byte === 0) ? 'keep-alive' : 'garbage';
}
