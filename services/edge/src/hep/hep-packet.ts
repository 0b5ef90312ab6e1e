import { isIPv4 } from 'node:net';
import type { HostPort, TransportName } from '@rollcall/transport';

/** One SIP message as it was on the wire, and between whom. */
export interface CapturedMessage {
  readonly transport: TransportName;
  readonly source: HostPort;
  readonly destination: HostPort;
  /** When, in microseconds since 1970. */
  readonly atUs: number;
  readonly payload: Buffer;
}

/** Who captures: the same in every packet of a process. */
export interface CaptureAgent {
  /** Tells the nodes of an installation apart, 32 bits. */
  readonly captureId: number;
  /** What the capture server wants to see; empty for nothing. */
  readonly password: string;
}

/** Chunk types of the HEP3 protocol (sipcapture's "The HEP3 Encapsulation Protocol", generic chunks of vendor 0). */
const chunk = {
  ipFamily: 0x01,
  ipProtocol: 0x02,
  ipv4Source: 0x03,
  ipv4Destination: 0x04,
  ipv6Source: 0x05,
  ipv6Destination: 0x06,
  sourcePort: 0x07,
  destinationPort: 0x08,
  seconds: 0x09,
  microseconds: 0x0a,
  protocolType: 0x0b,
  captureId: 0x0c,
  authenticateKey: 0x0e,
  payload: 0x0f,
} as const;

const chunkHeaderBytes = 6;
const packetHeaderBytes = 6;
/** AF_INET and AF_INET6 as HEP numbers them. */
const families = { ipv4: 2, ipv6: 10 } as const;
const ipProtocols = { udp: 17, tcp: 6 } as const;
const sipProtocol = 1;
/** What fits into a datagram over IPv4. */
const mostPacketBytes = 65_507;

/** A captured message as a HEP3 packet; undefined where it is too large for one. */
export function encodeHep(message: CapturedMessage, agent: CaptureAgent): Buffer | undefined {
  const isIpv4Pair = isIPv4(message.source.host) && isIPv4(message.destination.host);
  const addressBytes = isIpv4Pair ? 4 : 16;
  const password = Buffer.from(agent.password, 'utf8');
  const bytes =
    packetHeaderBytes +
    12 * chunkHeaderBytes +
    // family, protocol, addresses, ports, time, protocol type, capture id, payload
    (1 + 1 + 2 * addressBytes + 2 * 2 + 2 * 4 + 1 + 4 + message.payload.length) -
    chunkHeaderBytes +
    (password.length > 0 ? chunkHeaderBytes + password.length : 0);
  if (bytes > mostPacketBytes) return undefined;
  const writer = new ChunkWriter(bytes);
  writer.uint8(chunk.ipFamily, isIpv4Pair ? families.ipv4 : families.ipv6);
  writer.uint8(chunk.ipProtocol, message.transport === 'udp' ? ipProtocols.udp : ipProtocols.tcp);
  const { ipv4Source, ipv4Destination, ipv6Source, ipv6Destination } = chunk;
  writer.bytes(isIpv4Pair ? ipv4Source : ipv6Source, addressOf(message.source.host, isIpv4Pair));
  writer.bytes(
    isIpv4Pair ? ipv4Destination : ipv6Destination,
    addressOf(message.destination.host, isIpv4Pair),
  );
  writer.uint16(chunk.sourcePort, message.source.port);
  writer.uint16(chunk.destinationPort, message.destination.port);
  writer.uint32(chunk.seconds, Math.floor(message.atUs / 1_000_000));
  writer.uint32(chunk.microseconds, message.atUs % 1_000_000);
  writer.uint8(chunk.protocolType, sipProtocol);
  writer.uint32(chunk.captureId, agent.captureId);
  if (password.length > 0) writer.bytes(chunk.authenticateKey, password);
  writer.bytes(chunk.payload, message.payload);
  return writer.packet;
}

/** Writes chunks one after the other into a packet of known length. */
class ChunkWriter {
  readonly packet: Buffer;
  #at = packetHeaderBytes;

  constructor(bytes: number) {
    this.packet = Buffer.alloc(bytes);
    this.packet.write('HEP3', 'latin1');
    this.packet.writeUInt16BE(bytes, 4);
  }

  uint8(type: number, value: number): void {
    this.#begin(type, 1);
    this.#at = this.packet.writeUInt8(value, this.#at);
  }

  uint16(type: number, value: number): void {
    this.#begin(type, 2);
    this.#at = this.packet.writeUInt16BE(value, this.#at);
  }

  uint32(type: number, value: number): void {
    this.#begin(type, 4);
    this.#at = this.packet.writeUInt32BE(value, this.#at);
  }

  bytes(type: number, value: Uint8Array): void {
    this.#begin(type, value.length);
    this.packet.set(value, this.#at);
    this.#at += value.length;
  }

  #begin(type: number, bytes: number): void {
    // The vendor is 0: generic chunks.
    this.packet.writeUInt16BE(type, this.#at + 2);
    this.packet.writeUInt16BE(chunkHeaderBytes + bytes, this.#at + 4);
    this.#at += chunkHeaderBytes;
  }
}

/** The bytes of an address; of IPv4 among IPv6 as ::ffff:a.b.c.d. */
function addressOf(host: string, asIpv4: boolean): Uint8Array {
  if (isIPv4(host)) {
    const octets = host.split('.').map(Number);
    return Uint8Array.from(asIpv4 ? octets : [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...octets]);
  }
  const bytes = new Uint8Array(16);
  expandIpv6(host).forEach((group, index) => {
    bytes[2 * index] = group >> 8;
    bytes[2 * index + 1] = group & 0xff;
  });
  return bytes;
}

/** The eight groups of an IPv6 address without a zone. */
function expandIpv6(host: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host);
  const hex = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
  const text =
    dotted === null
      ? host
      : `${dotted[1]}${hex(dotted[2] ?? '', dotted[3] ?? '')}:${hex(dotted[4] ?? '', dotted[5] ?? '')}`;
  const [head = '', tail] = text.replace(/%.*$/, '').split('::');
  const groupsOf = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  return [...first, ...Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
}
