import { isIP } from 'node:net';
import type { Clock, Metrics } from '@rollcall/runtime';
import { type HostPort, isWildcard, type Listener, type MessageSink } from '@rollcall/transport';
import type { EdgePolicyConfig } from '../config.ts';
import { OwnAddress } from '../own-address.ts';
import { CapturedSink } from './captured-sink.ts';
import { addHepMetrics, HepCapture, type MessageWay } from './hep-capture.ts';

/** Copies of SIP messages for a capture server, on. */
export interface Capture {
  /** What the sockets are given in place of the edge. */
  around(edge: MessageSink): MessageSink;
  close(): void;
}

/** Opens the copies that EDGE_HEP_TARGET asks for; undefined where it asks for none: then nobody looks at any message. */
export function openCapture(parts: {
  config: EdgePolicyConfig;
  clock: Clock;
  metrics: Metrics;
  /** Those of the edge, once they are open. */
  listeners: readonly Listener[];
}): Capture | undefined {
  const { config, clock } = parts;
  const counters = addHepMetrics(parts.metrics);
  if (config.hepTarget === '') return undefined;
  const capture = new HepCapture({
    target: config.hepTarget,
    captureId: config.hepCaptureId,
    password: config.hepPassword,
    clock,
    counters,
    ownAddress: ownAddresses(config, parts.listeners),
  });
  return { around: (edge) => new CapturedSink(edge, capture), close: () => capture.close() };
}

/** A socket on all addresses does not say which one a message came to. What stands for it is found once for each listener and family. */
function ownAddresses(
  config: EdgePolicyConfig,
  listeners: readonly Listener[],
): (way: MessageWay) => HostPort {
  const own = new OwnAddress(
    config.advertise.keep(({ host }) => isIP(host) !== 0),
    listeners,
  );
  const known = new Map<string, string>();
  return (way) => {
    const { local } = way;
    if (!isWildcard(local.host)) return local;
    const family = way.remote.host.includes(':') ? 'IPv6' : 'IPv4';
    const key = `${way.transport} ${local.port} ${family}`;
    let found = known.get(key);
    if (found === undefined) {
      found = own.of(way).host;
      known.set(key, found);
    }
    return { host: found, port: local.port };
  };
}
