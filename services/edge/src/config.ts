import { hostname } from 'node:os';
import {
  type ConfigOf,
  type ConfigProblem,
  hostPortList,
  oneOf,
  readConfig,
  seconds,
  sharedVariables,
  someText,
  targetVariable,
  textAs,
} from '@rollcall/runtime';
import { flowSecretsForm, readFlowSecrets } from './forwarding/flow-tokens.ts';
import { hepVariables } from './hep/hep-variables.ts';
import { readAdvertisedAddress } from './own-address.ts';

/** A day: calls that last hours may hold their connection. */
const longestDrainSec = 86_400;

/** What decides where and as whom the edge serves, wherever it runs. */
export const edgePolicyVariables = {
  udpListen: {
    name: 'EDGE_UDP_LISTEN',
    default: '0.0.0.0:5060',
    meaning:
      'Where SIP over UDP is served: host:port, IPv6 in brackets, several between commas, empty for off.',
    schema: hostPortList,
  },
  tcpListen: {
    name: 'EDGE_TCP_LISTEN',
    default: '0.0.0.0:5060',
    meaning:
      'Where SIP over TCP is served: host:port, IPv6 in brackets, several between commas, empty for off.',
    schema: hostPortList,
  },
  advertise: {
    name: 'EDGE_ADVERTISE',
    default: '',
    defaultMeaning: "the listener's address",
    meaning:
      'Where others reach this edge, as it says in requests of its own: host or host:port, IPv6 in brackets. Each edge has one of its own.',
    schema: textAs('host or host:port, for example 192.0.2.1 or [2001:db8::1]:5060', readAdvertisedAddress),
  },
  flowSecrets: {
    name: 'EDGE_FLOW_SECRETS',
    default: '',
    defaultMeaning: 'random per start, with a warning',
    meaning:
      'Secrets of flow tokens (RFC 5626), of 16 characters or more, between spaces: the first signs, all open. The same on every edge.',
    secret: true,
    schema: textAs(flowSecretsForm, readFlowSecrets),
  },
  path: {
    name: 'EDGE_PATH',
    default: 'needed',
    meaning:
      'Whose calls come by this edge (its Path is kept with the binding): `supported`: phones that say `Supported: path`; `needed`: also those that only their own flow reaches, by TCP or behind a NAT.',
    schema: oneOf('needed', 'supported'),
  },
  name: {
    name: 'EDGE_NAME',
    default: hostname(),
    defaultMeaning: "the host's name",
    meaning: 'The name under which bindings remember this edge; unique among the edges.',
    schema: someText,
  },
  drainAcceptSec: {
    name: 'EDGE_DRAIN_ACCEPT_SECONDS',
    default: '0',
    meaning:
      'When told to stop: for how long new connections are still taken, while load balancers and DNS learn that this edge goes.',
    schema: seconds(0, longestDrainSec),
  },
  drainStreamSec: {
    name: 'EDGE_DRAIN_STREAM_SECONDS',
    default: '1',
    meaning:
      'Then: over how long the closing of open connections is spread, so that phones come back in portions.',
    schema: seconds(0, longestDrainSec),
  },
  drainUdpSec: {
    name: 'EDGE_DRAIN_UDP_SECONDS',
    default: '0',
    meaning:
      'When told to stop: for how long UDP is served at least; in any case until all connections are closed.',
    schema: seconds(0, longestDrainSec),
  },
  ...hepVariables,
} as const;

/** All variables of the edge as a process of its own. */
export const edgeVariables = {
  registrar: targetVariable('EDGE_REGISTRAR', 50051, 'gRPC target of the registrar service.'),
  redirect: targetVariable('EDGE_REDIRECT', 50054, 'gRPC target of the redirect service.'),
  ...edgePolicyVariables,
  ...sharedVariables,
} as const;

/** The part of the configuration that decides how the edge behaves. */
export type EdgePolicyConfig = ConfigOf<typeof edgePolicyVariables>;

/** The whole configuration of the process. */
export type EdgeConfig = ConfigOf<typeof edgeVariables>;

/** Finds what is wrong between variables that are right each by itself. */
export function checkEdgePolicy(config: EdgePolicyConfig): ConfigProblem[] {
  if (config.udpListen.length > 0 || config.tcpListen.length > 0) return [];
  return [
    {
      variable: 'EDGE_UDP_LISTEN',
      value: undefined,
      problem: 'and EDGE_TCP_LISTEN are both empty; nothing would be served',
    },
  ];
}

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError with every problem
 */
export function readEdgeConfig(env: NodeJS.ProcessEnv = process.env): EdgeConfig {
  return readConfig(edgeVariables, env, checkEdgePolicy);
}
