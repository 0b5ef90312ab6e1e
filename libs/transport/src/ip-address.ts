import type { Socket } from 'node:net';
import type { HostPort } from './host-port.ts';

const MAPPED_PREFIX = '::ffff:';

/**
 * A dual-stack IPv6 socket shows an IPv4 peer as ::ffff:192.0.2.1. Via, Path and logs carry the IPv4 address
 * itself, since that is what the peer knows itself by.
 */
export function unmapIpv4(address: string): string {
  return address.startsWith(MAPPED_PREFIX) && address.includes('.')
    ? address.slice(MAPPED_PREFIX.length)
    : address;
}

/** The other end of a connected socket. */
export function peerOf(socket: Socket): HostPort {
  return { host: unmapIpv4(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
}

/** The inverse, for sending from an IPv6 socket: the system takes only IPv6 addresses there. */
export function mapIpv4(address: string): string {
  return address.includes(':') ? address : MAPPED_PREFIX + address;
}

/** Cuts the zone (`%eth0`) off a link-local address: it means nothing outside this host (RFC 6874 §1). */
export function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent < 0 ? address : address.slice(0, percent);
}
