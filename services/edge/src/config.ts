import { hostname } from 'node:os';
import {
  anyText,
  type ConfigOf,
  type ConfigProblem,
  checkGrpcTls,
  type GrpcRole,
  hostPortList,
  oneOf,
  readConfig,
  seconds,
  sharedVariables,
  someText,
  targetVariable,
  textAs,
  wholeNumber,
  words,
} from '@rollcall/runtime';
import { DEFAULT_STREAM_LIMITS } from '@rollcall/transport';
import { flowSecretsForm, readFlowSecrets } from './forwarding/flow-tokens.ts';
import { hepVariables } from './hep/hep-variables.ts';
import { ListenerSetting, listenerSettingForm } from './listener-setting.ts';
import { readAdvertisedAddress } from './own-address.ts';
import { readProxyNetwork } from './proxy-networks.ts';
import { readTlsFiles } from './tls-files.ts';

/** Paths between commas; a path itself has neither comma nor blanks at its ends. */
const fileList = textAs('a path, several between commas', (text): readonly string[] =>
  text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== ''),
);

/** A day: calls that last hours may hold their connection. */
const longestDrainSec = 86_400;

/** What decides where and as whom the edge serves, wherever it runs. */
export const edgePolicyVariables = {
  udpListen: {
    name: 'EDGE_UDP_LISTEN',
    default: '0.0.0.0:5060',
    meaning:
      'Where SIP over UDP is served: host:port, IPv6 in brackets, several between commas, empty for off. Of 0.0.0.0 or [::], on Linux, each address of the machine has a socket of its own, so that an answer leaves from the one that was asked.',
    schema: hostPortList,
  },
  udpReceiveBufferBytes: {
    name: 'EDGE_UDP_RECEIVE_BUFFER',
    default: '4194304',
    meaning:
      'Room for datagrams that wait while the process is busy, in bytes, for each listener. The system may allow less (`net.core.rmem_max` on Linux), which the log then says.',
    schema: wholeNumber(4096, 1_073_741_824),
  },
  tcpListen: {
    name: 'EDGE_TCP_LISTEN',
    default: '0.0.0.0:5060',
    meaning:
      'Where SIP over TCP is served: host:port, IPv6 in brackets, several between commas, empty for off.',
    schema: hostPortList,
  },
  tlsListen: {
    name: 'EDGE_TLS_LISTEN',
    default: '',
    meaning:
      'Where SIP over TLS is served: host:port, usually 0.0.0.0:5061, several between commas, empty for off.',
    schema: hostPortList,
  },
  wsListen: {
    name: 'EDGE_WS_LISTEN',
    default: '',
    meaning:
      'Where SIP over WebSocket is served: host:port, usually 0.0.0.0:5066, several between commas, empty for off.',
    schema: hostPortList,
  },
  wssListen: {
    name: 'EDGE_WSS_LISTEN',
    default: '',
    meaning:
      'Where SIP over WebSocket with TLS is served: host:port, usually 0.0.0.0:7443, several between commas, empty for off.',
    schema: hostPortList,
  },
  tlsCertFiles: {
    name: 'EDGE_TLS_CERT_FILE',
    default: '',
    meaning:
      'File with the certificate of `EDGE_TLS_LISTEN` and `EDGE_WSS_LISTEN` and its chain, PEM. Read again when it changes. Several between commas: the one that is for the name which the client asks for, else the first.',
    schema: fileList,
  },
  tlsKeyFiles: {
    name: 'EDGE_TLS_KEY_FILE',
    default: '',
    meaning: 'File with the private key of the certificate, PEM; of several in the order of theirs.',
    schema: fileList,
  },
  tlsClientCaFile: {
    name: 'EDGE_TLS_CLIENT_CA_FILE',
    default: '',
    meaning:
      'File with the certificates of those who may sign a certificate of a peer on `EDGE_TLS_LISTEN`, PEM. Empty: peers are not asked for one.',
    schema: anyText,
  },
  tlsClientCertificates: {
    name: 'EDGE_TLS_CLIENT_CERT',
    default: 'optional',
    meaning:
      'With `EDGE_TLS_CLIENT_CA_FILE`: `optional` (one that is missing or not good proves nothing) or `required` (no connection without a good one).',
    schema: oneOf('optional', 'required'),
  },
  wsPath: {
    name: 'EDGE_WS_PATH',
    default: '',
    defaultMeaning: 'any',
    meaning: 'The path of WebSocket URLs, for example /sip; another is answered 404.',
    schema: textAs('a path, for example /sip, or empty for any', (text) =>
      text === '' || /^\/[^\s?#]*$/.test(text) ? text : undefined,
    ),
  },
  wsOrigins: {
    name: 'EDGE_WS_ORIGINS',
    default: '',
    defaultMeaning: 'all',
    meaning:
      'Web pages that may open a WebSocket: values of Origin between spaces, for example https://phone.example.com; others are answered 403. Clients that are no browser send none and are let in.',
    schema: words,
  },
  maxConnections: {
    name: 'EDGE_MAX_CONNECTIONS',
    default: String(DEFAULT_STREAM_LIMITS.connections),
    meaning: 'Connections that each listener (TCP, TLS, WebSocket) takes; beyond it new ones are closed.',
    schema: wholeNumber(1, 1_000_000),
  },
  maxConnectionsPerSource: {
    name: 'EDGE_MAX_CONNECTIONS_PER_SOURCE',
    default: String(DEFAULT_STREAM_LIMITS.connectionsPerSource),
    meaning:
      "The same of one source address. Behind a carrier's NAT, or a load balancer that hides sources, thousands of phones have one.",
    schema: wholeNumber(1, 1_000_000),
  },
  advertise: {
    name: 'EDGE_ADVERTISE',
    default: '',
    defaultMeaning: "the listener's address",
    meaning:
      'Where others reach this edge, as it says in Via, Contact, Path and Record-Route: host or host:port, IPv6 with a port in brackets, several families between commas. `transport=…` or `transport:port=…` after a space for some listeners: `192.0.2.1 tls=sip1.example.com:5061`. Path names that of UDP (TCP without it): each edge has one of its own there.',
    schema: textAs(
      `host or host:port, for example 192.0.2.1 or [2001:db8::1]:5060, ${listenerSettingForm}`,
      (text) => ListenerSetting.read(text, readAdvertisedAddress),
    ),
  },
  proxyNetworks: {
    name: 'EDGE_PROXY_PROTOCOL_FROM',
    default: '',
    defaultMeaning: 'nobody',
    meaning:
      'Addresses and networks of proxies whose connections begin with a header of the PROXY protocol, version 1 or 2; those of others have none. `transport=…` or `transport:port=…` for some listeners: `tcp:5062=192.0.2.0/28,2001:db8::/64`. Only of proxies: whoever is in such a network may say to be anybody.',
    schema: textAs(`networks such as 192.0.2.0/28, not of prefix 0, ${listenerSettingForm}`, (text) =>
      ListenerSetting.read(text, readProxyNetwork),
    ),
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
  flowTimerSec: {
    name: 'EDGE_FLOW_TIMER',
    default: '120',
    meaning:
      'Seconds within which phones that use outbound (RFC 5626) send a keep-alive by their connection, as their 200 says (Flow-Timer); a quarter longer without any ends it. Over UDP they are told 29 at most. 0 = not told.',
    schema: seconds(0, 3600),
  },
  path: {
    name: 'EDGE_PATH',
    default: 'needed',
    meaning:
      'Whose calls come by this edge (its Path is kept with the binding): `supported`: phones that say `Supported: path`; `needed`: also those that only their own flow reaches, by TCP or behind a NAT.',
    schema: oneOf('needed', 'supported'),
  },
  sipsWithoutTls: {
    name: 'REGISTRAR_SIPS_WITHOUT_TLS',
    default: 'reject',
    meaning:
      'What becomes of a request for a sips URI whose flow is neither TLS nor a secure WebSocket: `reject` (480), or `accept` where TLS ends in front of the edge; as in the registrar.',
    schema: oneOf('reject', 'accept'),
  },
  subscriptions: {
    name: 'EDGE_MAX_SUBSCRIPTIONS',
    default: '1000',
    meaning: 'Subscriptions to registrations (RFC 3680) that this edge holds; beyond it SUBSCRIBE gets 503.',
    schema: wholeNumber(0, 100_000),
  },
  subscriptionsPerAor: {
    name: 'EDGE_MAX_SUBSCRIPTIONS_PER_AOR',
    default: '20',
    meaning: 'How many of them may watch one AOR.',
    schema: wholeNumber(1, 100_000),
  },
  subscriptionsPerWatcher: {
    name: 'EDGE_MAX_SUBSCRIPTIONS_PER_WATCHER',
    default: '500',
    meaning: 'How many of them may be of one watcher.',
    schema: wholeNumber(1, 100_000),
  },
  notifyIntervalSec: {
    name: 'EDGE_NOTIFY_INTERVAL',
    default: '5',
    meaning:
      'Seconds between two NOTIFYs that tell one watcher of changes (RFC 3680); what changes meanwhile is told together. What a SUBSCRIBE asks for is told at once.',
    schema: seconds(0, 3600),
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

/** What the edge is to others over gRPC. */
export const grpcRoles: readonly GrpcRole[] = ['client'];

/** The part of the configuration that decides how the edge behaves. */
export type EdgePolicyConfig = ConfigOf<typeof edgePolicyVariables>;

/** The whole configuration of the process. */
export type EdgeConfig = ConfigOf<typeof edgeVariables>;

/** Finds what is wrong between variables that are right each by itself. */
export function checkEdgePolicy(config: EdgePolicyConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { udpListen, tcpListen, tlsListen, wsListen, wssListen } = config;
  if ([udpListen, tcpListen, tlsListen, wsListen, wssListen].every((listen) => listen.length === 0)) {
    problems.push({
      variable: 'EDGE_UDP_LISTEN',
      value: undefined,
      problem:
        'is empty, and so are EDGE_TCP_LISTEN, EDGE_TLS_LISTEN, EDGE_WS_LISTEN and EDGE_WSS_LISTEN: nothing would be served',
    });
  }
  return [...problems, ...checkSelectors(config), ...checkTls(config)];
}

/** Settings of listeners that there are not. */
function checkSelectors(config: EdgePolicyConfig): ConfigProblem[] {
  const listening = {
    udp: config.udpListen,
    tcp: config.tcpListen,
    tls: config.tlsListen,
    ws: config.wsListen,
    wss: config.wssListen,
  };
  const settings = { EDGE_ADVERTISE: config.advertise, EDGE_PROXY_PROTOCOL_FROM: config.proxyNetworks };
  return Object.entries(settings).flatMap(([variable, { selectors }]) =>
    selectors.flatMap(({ transport, port }) => {
      const listener = `${transport}${port === undefined ? '' : `:${port}`}`;
      const problem = (text: string): ConfigProblem[] => [
        { variable, value: undefined, problem: `names ${listener}, ${text}` },
      ];
      if (variable === 'EDGE_PROXY_PROTOCOL_FROM' && transport === 'udp')
        return problem('but there is no PROXY protocol over UDP here');
      const isThere = listening[transport].some((address) => port === undefined || address.port === port);
      return isThere ? [] : problem('where nothing listens');
    }),
  );
}

function checkTls(config: EdgePolicyConfig): ConfigProblem[] {
  const { tlsListen, wssListen, tlsCertFiles, tlsKeyFiles, tlsClientCaFile } = config;
  if (tlsListen.length + wssListen.length === 0) return [];
  const listening = tlsListen.length > 0 ? 'EDGE_TLS_LISTEN' : 'EDGE_WSS_LISTEN';
  const missing = (variable: string): ConfigProblem => ({
    variable,
    value: undefined,
    problem: `is empty, but ${listening} needs it`,
  });
  if (tlsCertFiles.length === 0) return [missing('EDGE_TLS_CERT_FILE')];
  if (tlsKeyFiles.length === 0) return [missing('EDGE_TLS_KEY_FILE')];
  if (tlsCertFiles.length !== tlsKeyFiles.length) {
    const counts = `${tlsKeyFiles.length} for ${tlsCertFiles.length} of EDGE_TLS_CERT_FILE`;
    return [
      {
        variable: 'EDGE_TLS_KEY_FILE',
        value: undefined,
        problem: `must name as many files: it has ${counts}`,
      },
    ];
  }
  return readTlsFiles({ cert: tlsCertFiles, key: tlsKeyFiles, clientCa: tlsClientCaFile }).problems;
}

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError with every problem
 */
export function readEdgeConfig(env: NodeJS.ProcessEnv = process.env): EdgeConfig {
  return readConfig(edgeVariables, env, (config) => [
    ...checkEdgePolicy(config),
    ...checkGrpcTls(config, grpcRoles),
  ]);
}
