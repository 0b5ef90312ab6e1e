import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { HostPort } from './host-port.ts';
import { unmapIpv4 } from './ip-address.ts';

/** Why the bytes that a connection began with are no header that can be believed. */
export type ProxyHeaderFault = 'absent' | 'malformed' | 'too-long' | 'no-address';

/** What a whole header says. */
export interface ProxyHeader {
  /** Bytes that it takes up; what follows them is the client's. */
  readonly length: number;
  /**
   * The client; undefined where the proxy speaks for itself (command LOCAL, protocol UNKNOWN): then it is the other end of the
   * socket.
   */
  readonly client: HostPort | undefined;
}

/** A header, why there is none, or `more` where the bytes are the beginning of one. */
export type ReadProxyHeader = ProxyHeader | ProxyHeaderFault | 'more';

const TEXT_START = Buffer.from('PROXY ', 'latin1');
/** Section 2.1: the longest line, with its end. */
const MAX_TEXT_BYTES = 107;
const LF = 10;

const BINARY_START = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const VERSION_2 = 0x20;
const LOCAL = 0x20;
const PROXY = 0x21;
const TCP4 = 0x11;
const TCP6 = 0x21;
const MAX_FAMILY = 0x30;
const MAX_PROTOCOL = 0x02;
/** Before the addresses. */
const FIXED_BYTES = 16;
/**
 * Section 2.2 means a header to fit into one segment of 536 bytes. Names and certificates in its TLVs may take it beyond that; more
 * than this is no header that a proxy sends.
 */
const MAX_BINARY_BYTES = 1_024;

/**
 * Reads the header of the PROXY protocol, version 1 or 2, that a connection begins with (HAProxy's "The PROXY protocol",
 * versions 1 and 2). What does not match to the letter is refused. TLVs are skipped.
 */
export function readProxyHeader(bytes: Buffer): ReadProxyHeader {
  if (beginsLike(bytes, BINARY_START)) return readBinary(bytes);
  return beginsLike(bytes, TEXT_START) ? readText(bytes) : 'absent';
}

/** Whether the bytes are the beginning of `start`, or begin with it. */
function beginsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function readText(bytes: Buffer): ReadProxyHeader {
  const end = bytes.subarray(0, MAX_TEXT_BYTES).indexOf(LF);
  if (end < 0) return bytes.length < MAX_TEXT_BYTES ? 'more' : 'too-long';
  const line = bytes.toString('latin1', 0, end + 1);
  const length = end + 1;
  if (/^PROXY UNKNOWN(?: [^\r\n]*)?\r\n$/.test(line)) return { length, client: undefined };
  const match = /^PROXY (TCP[46]) (\S+) (\S+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})\r\n$/.exec(line);
  if (match === null) return 'malformed';
  const [, family, source = '', destination = '', sourcePort, destinationPort] = match;
  const isAddress = family === 'TCP4' ? isIPv4 : isPlainIpv6;
  const port = Number(sourcePort);
  if (!isAddress(source) || !isAddress(destination)) return 'malformed';
  if (port > 0xffff || Number(destinationPort) > 0xffff) return 'malformed';
  return { length, client: { host: family === 'TCP4' ? source : canonicalIpv6(source), port } };
}

function readBinary(bytes: Buffer): ReadProxyHeader {
  if (bytes.length < FIXED_BYTES) return 'more';
  const command = bytes.readUInt8(12);
  const kind = bytes.readUInt8(13);
  const addressBytes = bytes.readUInt16BE(14);
  if ((command & 0xf0) !== VERSION_2 || (command !== LOCAL && command !== PROXY)) return 'malformed';
  const length = FIXED_BYTES + addressBytes;
  if (length > MAX_BINARY_BYTES) return 'too-long';
  // The family of a LOCAL header is ignored, as are its addresses.
  if (command === LOCAL) return bytes.length < length ? 'more' : { length, client: undefined };
  if ((kind & 0xf0) > MAX_FAMILY || (kind & 0x0f) > MAX_PROTOCOL) return 'malformed';
  // Somebody's connection, and no word of whose: the proxy's address must not stand for it.
  if (kind !== TCP4 && kind !== TCP6) return 'no-address';
  const [hostBytes, toPort] = kind === TCP4 ? [4, 8] : [16, 32];
  if (addressBytes < toPort + 4) return 'malformed';
  if (bytes.length < length) return 'more';
  const host = bytes.subarray(FIXED_BYTES, FIXED_BYTES + hostBytes);
  return {
    length,
    client: {
      host: kind === TCP4 ? host.join('.') : canonicalIpv6(colonHex(host)),
      port: bytes.readUInt16BE(FIXED_BYTES + toPort),
    },
  };
}

/** A zone means nothing on another host. */
function isPlainIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function colonHex(bytes: Buffer): string {
  return bytes.toString('hex').replace(/(....)(?!$)/g, '$1:');
}

/** One spelling for each address, since limits and logs compare texts; IPv4 that is mapped into IPv6 is IPv4. */
function canonicalIpv6(address: string): string {
  return unmapIpv4(new SocketAddress({ address, family: 'ipv6' }).address);
}
