import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Clock, type Logger, LogLimit } from '@rollcall/runtime';
import { formatHostPort, type ProxyTrust, type TransportName } from '@rollcall/transport';
import type { ListenerSetting } from './listener-setting.ts';

/** A network, or a single address as the smallest of them. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** A load balancer that is set up wrong says so with every connection. */
const linesPerSecond = 1;

/**
 * Reads `address` or `address/prefix`; undefined where it is neither. Prefix 0 is nobody's proxy: everybody could then say to be
 * anybody.
 */
export function readNetwork(text: string): Network | undefined {
  const [, address = '', digits] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const widest = family === 6 ? 128 : 32;
  const prefix = digits === undefined ? widest : Number(digits);
  if (family === 0 || prefix < 1 || prefix > widest) return undefined;
  return { address, prefix, family: family === 6 ? 'ipv6' : 'ipv4' };
}

/** Whose connections to a listener begin with a header of the PROXY protocol; undefined for nobody's. */
export function proxyTrust(parts: {
  readonly networks: ListenerSetting<Network>;
  readonly transport: TransportName;
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
}): ProxyTrust | undefined {
  const { transport, port, clock, logger } = parts;
  const networks = parts.networks.of(transport, port);
  if (networks.length === 0) return undefined;
  const list = new BlockList();
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family);
  const trusts = (host: string): boolean => list.check(host, host.includes(':') ? 'ipv6' : 'ipv4');
  const own = ownAddresses().filter(trusts);
  // Other edges have such addresses too, and send no header.
  if (own.length > 0)
    logger.warn(
      { transport, port, own },
      'EDGE_PROXY_PROTOCOL_FROM holds an address of this edge itself: it must hold those of proxies only',
    );
  const limit = new LogLimit(linesPerSecond, clock);
  return {
    trusts,
    onError: (error, peer) => {
      const unsaid = limit.mayLog();
      if (unsaid === undefined) return;
      const fields = { transport, error, proxy: formatHostPort(peer), unsaid };
      logger.warn(fields, 'a connection of a proxy was closed: it had no good PROXY header');
    },
  };
}

function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.filter(({ internal }) => !internal).map(({ address }) => address);
}
