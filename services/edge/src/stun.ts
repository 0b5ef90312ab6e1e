import { isIPv6 } from 'node:net';
import type { HostPort } from '@rollcall/transport';

// STUN on the SIP port (RFC 5626 §8): phones on UDP keep their NAT open with binding requests, and notice by a changed
// address that their flow is gone. Formats are those of RFC 8489 §5 and §14.

const headerBytes = 20;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;
const magicCookie = 0x2112a442;
const attribute = { errorCode: 0x0009, unknownAttributes: 0x000a, xorMappedAddress: 0x0020 };
/** Attributes from here on may be ignored by who does not know them. */
const firstOptional = 0x8000;
/**
 * Those below that are known and say nothing in a request, and so are ignored (RFC 5389 §7.3): MAPPED-ADDRESS, USERNAME,
 * MESSAGE-INTEGRITY, ERROR-CODE, UNKNOWN-ATTRIBUTES, REALM, NONCE, MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM, USERHASH,
 * XOR-MAPPED-ADDRESS; and PRIORITY, which is of ICE.
 */
const ignored: ReadonlySet<number> = new Set([
  0x0001, 0x0006, 0x0008, 0x0009, 0x000a, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0020, 0x0024,
]);
/** More are not listed: an answer must stay small, since its receiver may never have asked. */
const mostListed = 4;

/**
 * The answer to a binding request: the address that it came from, or 420 with the attributes that were not understood.
 * Undefined for everything else, which is not answered.
 *
 * @param bytes a datagram with a STUN header and its magic cookie
 */
export function answerStun(bytes: Buffer, source: HostPort): Buffer | undefined {
  const well =
    bytes.readUInt16BE(0) === bindingRequest && bytes.readUInt16BE(2) === bytes.length - headerBytes;
  const unknown = well ? findUnknown(bytes) : undefined;
  if (unknown === undefined) return undefined;
  return unknown.length === 0
    ? formatMessage(bytes, bindingSuccess, [xorMappedAddress(bytes, source)])
    : formatMessage(bytes, bindingError, [
        formatAttribute(attribute.errorCode, Buffer.from([0, 0, 4, 20])),
        formatAttribute(attribute.unknownAttributes, Buffer.concat(unknown.map(uint16))),
      ]);
}

/** Types of the attributes that must be understood and are not; undefined where the attributes do not fill the message. */
function findUnknown(bytes: Buffer): number[] | undefined {
  const unknown: number[] = [];
  let at = headerBytes;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const type = bytes.readUInt16BE(at);
    if (type < firstOptional && !ignored.has(type) && unknown.length < mostListed) unknown.push(type);
    at += 4 + padded(bytes.readUInt16BE(at + 2));
  }
  return at === bytes.length ? unknown : undefined;
}

/** RFC 8489 §14.2: address and port under the cookie and the transaction ID, lest a NAT rewrites them on the way. */
function xorMappedAddress(request: Buffer, { host, port }: HostPort): Buffer {
  const v6 = isIPv6(host);
  const address = v6 ? ipv6Bytes(host) : Buffer.from(host.split('.').map(Number));
  const value = Buffer.alloc(4 + address.length);
  value[1] = v6 ? 2 : 1;
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2);
  // The cookie and the transaction ID stand in the request one behind the other, from its fifth byte on.
  for (const [index, byte] of address.entries()) value[4 + index] = byte ^ (request[4 + index] ?? 0);
  return formatAttribute(attribute.xorMappedAddress, value);
}

function ipv6Bytes(host: string): Buffer {
  // The URL parser writes every IPv6 address in groups of hexadecimal digits.
  const [head = '', tail] = new URL(`http://[${host.split('%')[0]}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const zeros = new Array<number>(8 - front.length - back.length).fill(0);
  return Buffer.concat([...front, ...zeros, ...back].map(uint16));
}

function formatMessage(request: Buffer, type: number, attributes: readonly Buffer[]): Buffer {
  const body = Buffer.concat(attributes);
  return Buffer.concat([uint16(type), uint16(body.length), request.subarray(4, headerBytes), body]);
}

function formatAttribute(type: number, value: Buffer): Buffer {
  const padding = Buffer.alloc(padded(value.length) - value.length);
  return Buffer.concat([uint16(type), uint16(value.length), value, padding]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** Attributes begin at multiples of four bytes. */
function padded(length: number): number {
  return (length + 3) & ~3;
}
