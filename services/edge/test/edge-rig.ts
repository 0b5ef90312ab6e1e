import type {
  EndedFlow,
  PacedSink,
  RegisterRequest,
  RegisterResponse,
  ResolveResponse,
  SubscribeRequest,
  SubscribeResponse,
  WatchRegistrationResponse,
} from '@rollcall/rpc';
import { Metrics, readConfig, systemClock } from '@rollcall/runtime';
import { type AgentTls, type AgentTransport, SipAgent } from '@rollcall/testkit';
import type { HostPort } from '@rollcall/transport';
import type { EdgePolicyConfig } from '../src/config.ts';
import { checkEdgePolicy, composeEdge, edgePolicyVariables, type RunningEdge } from '../src/index.ts';

/** What all edges of a test seal their flow tokens with. */
export const flowSecret = 'a-secret-of-flow-tokens';

/** A registrar and a redirect service that answer as the test says, behind a real edge with real sockets. */
export class Rig {
  metrics = new Metrics();
  readonly registers: RegisterRequest[] = [];
  register: (request: RegisterRequest) => Promise<RegisterResponse> = async () => registered([]);
  resolve: () => Promise<ResolveResponse> = async () => refused(404);
  subscribe: (request: SubscribeRequest) => Promise<SubscribeResponse> = async ({
    aor,
    expiresSec = 3761,
  }) => ({
    outcome: {
      $case: 'granted',
      value: { aor, watcher: 'sip:alice@example.com', expiresSec, mayRegister: true },
    },
  });
  readonly watches: PacedSink<WatchRegistrationResponse>[] = [];
  readonly ended: EndedFlow[] = [];
  /** What the log warned of: fields and text, or text alone. */
  readonly warnings: { readonly fields: object | string; readonly text: string | undefined }[] = [];
  leases = 0;
  noncesPerLease = 100;
  networks: string[] = [];
  path: 'needed' | 'supported' = 'needed';
  edgeName = 'edge-1';
  /** Where it listens; 0 for anywhere, and what that came to once it runs. */
  ports = { udp: 0, tcp: 0 };
  /** Variables of the edge that differ from what all tests have. */
  env: Record<string, string> = {};
  readonly #resolving = Promise.withResolvers<void>();
  #edge: RunningEdge | undefined;
  readonly #agents: SipAgent[] = [];

  /** @param config what of the configuration this test is about */
  async start(config: Partial<EdgePolicyConfig> = {}): Promise<void> {
    this.#edge = await composeEdge({
      config: {
        ...readConfig(edgePolicyVariables, { ...this.#env(), ...this.env }, checkEdgePolicy),
        ...config,
      },
      clock: systemClock,
      logger: this.#logger(),
      metrics: this.metrics,
      random: () => 0.5,
      registrar: {
        register: (request) => {
          this.registers.push(request);
          return this.register(request);
        },
        endFlows: async (request) => {
          this.ended.push(...request.flows);
          return { removed: 0 };
        },
        leaseChallenges: async ({ domain }) => {
          this.leases += 1;
          const nonces = Array.from(
            { length: this.noncesPerLease },
            (_, index) => `lease${this.leases}-${index}`,
          );
          return {
            lease: {
              domain,
              nonces,
              opaque: 'o',
              algorithms: ['SHA-256', 'MD5'],
              qop: 'auth',
              lifetimeMs: 60_000,
              networks: this.networks,
            },
          };
        },
        subscribe: (request) => this.subscribe(request),
        watchRegistration: (_, sink) => {
          this.watches.push(sink);
          return { resume: () => undefined, cancel: () => undefined };
        },
      },
      redirect: {
        resolve: () => {
          this.#resolving.resolve();
          return this.resolve();
        },
      },
    });
    const portOf = (transport: string) =>
      this.#edge?.listeners.find((each) => each.transport === transport)?.address.port ?? 0;
    this.ports = { udp: portOf('udp'), tcp: portOf('tcp') };
  }

  #logger(): Parameters<typeof composeEdge>[0]['logger'] {
    const nothing = () => undefined;
    const warn = (fields: object | string, text?: string) => this.warnings.push({ fields, text });
    return { error: nothing, warn, info: nothing, debug: nothing } as never;
  }

  #env(): Record<string, string> {
    return {
      EDGE_NAME: this.edgeName,
      EDGE_FLOW_SECRETS: flowSecret,
      EDGE_PATH: this.path,
      EDGE_UDP_LISTEN: `127.0.0.1:${this.ports.udp}`,
      EDGE_TCP_LISTEN: `127.0.0.1:${this.ports.tcp}`,
      EDGE_DRAIN_STREAM_SECONDS: '0',
    };
  }

  /** Where a transport is served. */
  addressOf(transport: AgentTransport): HostPort {
    const server = this.#edge?.listeners.find((listener) => listener.transport === transport)?.address;
    if (server === undefined) throw new Error('not started');
    return server;
  }

  /** @param host another address of this machine than that which the edge listens on */
  agent(transport: AgentTransport = 'udp', timeoutMs = 5000, tls?: AgentTls, host?: string): SipAgent {
    const address = this.addressOf(transport);
    const server = { host: host ?? address.host, port: address.port };
    const local = { host: server.host, port: 0 };
    const agent = new SipAgent({ transport, server, local, timeoutMs, ...(tls && { tls }) });
    this.#agents.push(agent);
    return agent;
  }

  /** Settles once the redirect service was asked. */
  get resolving(): Promise<void> {
    return this.#resolving.promise;
  }

  async drain(): Promise<void> {
    await this.#edge?.drain();
  }

  /** With the settings as they are now. */
  async restart(): Promise<void> {
    await this.#edge?.close();
    this.metrics = new Metrics();
    await this.start();
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents) await agent.close();
    await this.#edge?.close();
  }
}

export function registered(uris: string[]): RegisterResponse {
  const bindings = uris.map((uri) => ({
    uri,
    params: ';audio;methods="INVITE,BYE"',
    expiresSec: 1800,
    qMilli: 500,
    instanceId: 'urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF',
    regId: 1,
    path: [],
    flow: undefined,
    registeredAtMs: 0,
    callId: 'c',
    cseq: 1,
    userAgent: '',
  }));
  return {
    outcome: {
      $case: 'registered',
      value: {
        bindings,
        path: ['<sip:p@h;lr>'],
        require: ['outbound'],
        supported: ['path'],
        serviceRoute: [],
        associatedUris: [],
        featureCaps: [],
        gruus: [],
        authenticationInfo: '',
        storedAor: '',
      },
    },
  };
}

export function challenged(stale: boolean): RegisterResponse {
  const value = {
    realm: 'example.com',
    nonce: 'n',
    opaque: 'o',
    algorithms: ['SHA-256', 'MD5'],
    stale,
    qop: 'auth',
  };
  return { outcome: { $case: 'challenged', value } };
}

export function refused(status: number): ResolveResponse {
  return {
    outcome: { $case: 'refused', value: { status, reasonPhrase: '', retryAfterSec: 0, warning: '' } },
  };
}

export const register = {
  method: 'REGISTER',
  uri: 'sip:example.com',
  from: 'sip:alice@example.com',
  to: 'sip:alice@example.com',
};
export const credentials =
  'Authorization: Digest username="alice", realm="example.com", nonce="n", uri="sip:example.com", response="r", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"';
