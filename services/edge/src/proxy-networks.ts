import { networkInterfaces } from 'node:os';
import { type Clock, type Logger, LogLimit } from '@rollcall/runtime';
import { formatHostPort, type ProxyTrust, type TransportName } from '@rollcall/transport';
import type { ListenerSetting } from './listener-setting.ts';
import { type Network, readNetwork, testNetworks } from './networks.ts';

/** A load balancer that is set up wrong says so with every connection. */
const linesPerSecond = 1;

/** Reads one; undefined where it is none. Prefix 0 is nobody's proxy: everybody could then say to be anybody. */
export function readProxyNetwork(text: string): Network | undefined {
  const network = readNetwork(text);
  return network === undefined || network.prefix === 0 ? undefined : network;
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
  const trusts = testNetworks(networks);
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
