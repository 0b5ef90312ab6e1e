import { applyRegistration, type BindingRecord, currentBindings, remainingSec } from '@rollcall/bindings';
import { computeHa1, computeResponse, NonceMint, readAlgorithm } from '@rollcall/digest';
import {
  AddressStatus,
  ApplyOutcome,
  type ApplyRequest,
  type AuthCalls,
  type Binding,
  type Call,
  type ChallengeLease,
  type Credentials,
  type EndedFlow,
  GrpcCode,
  type LocationCalls,
  type RegisterRequest,
  ServiceFault,
  SubscriberState,
  type SubscribersSink,
  Transport,
  type Vector,
} from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';

/** Time that passes only when told to. */
export class ManualClock implements Clock {
  #nowMs = 1_790_000_000_000;
  #timers: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((each) => each !== timer);
      },
    };
  }

  /** Lets time pass; timers run in their order, those that they start as well. */
  pass(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    for (;;) {
      this.#timers.sort((one, other) => one.atMs - other.atMs);
      const next = this.#timers[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

/** A fault such as @rollcall/rpc gives where nobody answers. */
export function absence(): ServiceFault {
  return new ServiceFault(GrpcCode.UNAVAILABLE, 'BACKEND_UNAVAILABLE', 'nobody is there');
}

export const realm = 'example.com';
export const nonceKey = Buffer.from('a key of the nonces, long enough');

interface FakeUser {
  password: string;
  vector: Partial<Vector>;
}

/** Auth with a few users, which can be made to fail. It counts what it is asked. */
export class FakeAuth implements AuthCalls {
  readonly users = new Map<string, FakeUser>([
    ['alice', { password: 'wonderland', vector: { aors: ['sip:alice@example.com'] } }],
    ['bob', { password: 'builder', vector: { aors: ['sip:bob@example.com'] } }],
  ]);
  readonly #asked = new Map<string, number>();
  readonly failures: string[] = [];
  readonly watches: SubscribersSink[] = [];
  /** Called for each watch that is opened. */
  onWatch: (() => void) | undefined;
  /** Replaces the answer of every unary call. */
  fault: (() => ServiceFault) | undefined;
  algorithms = ['SHA-256', 'MD5'];
  networks: string[] = [];
  leaseChange: Partial<ChallengeLease> = {};
  verdict: Awaited<ReturnType<AuthCalls['verify']>>['verdict'];
  lastVerify: Parameters<AuthCalls['verify']>[0] | undefined;
  readonly usedNonces = new Map<string, { nc: number; key: string }>();
  readonly #clock: Clock;
  readonly #mint = new NonceMint([nonceKey]);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly leaseChallenges: AuthCalls['leaseChallenges'] = this.#answering(
    'leaseChallenges',
    async ({ domain, count }) => ({
      lease:
        domain === realm
          ? {
              domain,
              nonces: Array.from({ length: Math.min(count, 1000) }, () => this.mintNonce()),
              opaque: 'rc1',
              algorithms: this.algorithms,
              qop: 'auth',
              lifetimeMs: 10_000,
              networks: this.networks,
              ...this.leaseChange,
            }
          : undefined,
    }),
  );

  readonly getVector: AuthCalls['getVector'] = this.#answering('getVector', async ({ username, aor }) => {
    const name =
      username === ''
        ? ([...this.users.keys()].find((each) => aor === `sip:${each}@${realm}`) ?? '')
        : username;
    const user = this.users.get(name);
    const password = user?.password ?? 'nobody knows';
    return {
      vector: {
        ha1: (['MD5', 'SHA-256', 'SHA-512-256'] as const).map((algorithm) => ({
          algorithm,
          hash: computeHa1(algorithm, name, realm, password),
        })),
        aors: [],
        numbers: [],
        networks: [],
        lifetimeMs: 600_000,
        sharedNonces: false,
        networkSuffices: false,
        ...user?.vector,
      },
    };
  });

  readonly verify: AuthCalls['verify'] = this.#answering('verify', async (request) => {
    this.lastVerify = request;
    return { verdict: this.verdict };
  });

  readonly useNonce: AuthCalls['useNonce'] = this.#answering(
    'useNonce',
    async ({ nonce, nc, requestKey }) => {
      const used = this.usedNonces.get(nonce);
      const fresh = used === undefined || nc > used.nc || (nc === used.nc && requestKey === used.key);
      if (fresh) this.usedNonces.set(nonce, { nc, key: requestKey });
      return { fresh };
    },
  );

  readonly reportFailure: AuthCalls['reportFailure'] = this.#answering('reportFailure', async (report) => {
    this.failures.push(`${report.username}@${report.realm} from ${report.source}`);
    return { retryAfterMs: 0 };
  });

  /** Who may watch whom, by the AOR of the watched. */
  readonly watchers = new Map<string, string[]>();
  /** Own AORs of watchers that may watch nobody any more. */
  readonly refusedWatchers = new Set<string>();

  readonly resolveAddress: AuthCalls['resolveAddress'] = this.#answering(
    'resolveAddress',
    async ({ aor, watcher }) => {
      const isKnown = this.users.has(aor.slice('sip:'.length, aor.indexOf('@')));
      return {
        aor: isKnown ? aor : '',
        status: isKnown ? AddressStatus.KNOWN : AddressStatus.UNKNOWN,
        state: SubscriberState.UNSPECIFIED,
        movedTo: '',
        watchers: this.watchers.get(aor) ?? [],
        watcherRefused: this.refusedWatchers.has(watcher),
      };
    },
  );

  watchSubscribers(_watcher: string, sink: SubscribersSink): { cancel(): void } {
    this.watches.push(sink);
    this.onWatch?.();
    return {
      cancel: () => {
        this.watches.splice(this.watches.indexOf(sink), 1);
      },
    };
  }

  /** Says what holds for everybody, on all streams. */
  sendSnapshot(): void {
    this.#send({
      $case: 'snapshot',
      value: {
        domains: [realm],
        algorithms: this.algorithms,
        nonceKeys: [nonceKey],
        nonceLifetimeSec: 300,
        opaque: 'rc1',
        qop: 'auth',
      },
    });
  }

  sendHeartbeat(): void {
    this.#send({ $case: 'heartbeat', value: {} });
  }

  sendInvalidated(...usernames: string[]): void {
    const subscribers = usernames.map((username) => ({ realm, username }));
    this.#send({ $case: 'invalidated', value: { subscribers } });
  }

  sendLockout(username: string, source: string, durationMs: number): void {
    const value = { realm: username === '' ? '' : realm, username, source, durationMs };
    this.#send({ $case: 'lockout', value });
  }

  /** All streams end. */
  endWatches(): void {
    for (const sink of this.watches.splice(0)) sink.onEnd();
  }

  /** How often a call was made. */
  timesAsked(name: keyof AuthCalls): number {
    return this.#asked.get(name) ?? 0;
  }

  mintNonce(): string {
    return this.#mint.mint(realm, this.#clock.nowMs());
  }

  #send(event: Parameters<SubscribersSink['onEvent']>[0]['event']): void {
    for (const sink of [...this.watches]) sink.onEvent({ event });
  }

  #answering<Request, Response>(
    name: keyof AuthCalls,
    answer: (request: Request) => Promise<Response>,
  ): Call<Request, Response> {
    return async (request) => {
      this.#asked.set(name, this.timesAsked(name) + 1);
      if (this.fault !== undefined) throw this.fault();
      return answer(request);
    };
  }
}

/** Location by the product's own rules, in memory. */
export class FakeLocation implements LocationCalls {
  readonly records = new Map<string, BindingRecord>();
  readonly applied: ApplyRequest[] = [];
  readonly ended: EndedFlow[] = [];
  fault: (() => ServiceFault) | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly apply: LocationCalls['apply'] = async (request) => {
    if (this.fault !== undefined) throw this.fault();
    this.applied.push(request);
    const nowMs = this.#clock.nowMs();
    const { aor, callId, cseq, branch } = request;
    const requestKey = JSON.stringify([callId, cseq, branch, request.refused, request.updates]);
    const registration = { ...request, nonce: request.nonce, requestKey };
    const result = applyRegistration(this.records.get(aor), registration, nowMs);
    if (result.record === undefined) this.records.delete(aor);
    else this.records.set(aor, result.record);
    return {
      outcome: outcomes[result.outcome],
      bindings: result.outcome === 'applied' ? this.#current(aor) : [],
      created: result.changes.filter(({ change }) => change === 'created').length,
    };
  };

  readonly endFlows: LocationCalls['endFlows'] = async ({ flows }) => {
    if (this.fault !== undefined) throw this.fault();
    this.ended.push(...flows);
    return { removed: flows.length };
  };

  readonly lookUp: LocationCalls['lookUp'] = async ({ aor }) => {
    if (this.fault !== undefined) throw this.fault();
    return { bindings: this.#current(aor) };
  };

  #current(aor: string): Binding[] {
    const nowMs = this.#clock.nowMs();
    return currentBindings(this.records.get(aor), nowMs).map((binding) => ({
      ...binding,
      expiresSec: remainingSec(binding, nowMs),
    }));
  }
}

const outcomes = {
  applied: ApplyOutcome.APPLIED,
  'out-of-order': ApplyOutcome.OUT_OF_ORDER,
  'too-many-bindings': ApplyOutcome.TOO_MANY_BINDINGS,
  'nonce-replayed': ApplyOutcome.NONCE_REPLAYED,
} as const;

let lastCseq = 0;

/** A REGISTER of alice for one contact, without credentials, unless told otherwise. */
export function registerRequest(change: Partial<RegisterRequest> = {}): RegisterRequest {
  lastCseq += 1;
  return {
    domain: realm,
    aor: 'sip:alice@example.com',
    requestUri: 'sip:example.com',
    fromUri: 'sip:alice@example.com',
    callId: 'call-1',
    cseq: lastCseq,
    branch: `z9hG4bK${lastCseq}`,
    contacts: [contact('sip:alice@192.0.2.1:5060')],
    removeAll: false,
    expiresSec: undefined,
    path: [],
    supported: [],
    require: [],
    credentials: [],
    flow: {
      edge: 'edge-0',
      token: 'flow-1',
      transport: Transport.UDP,
      localAddress: '198.51.100.1:5060',
      remoteAddress: '192.0.2.1:5060',
    },
    userAgent: 'Test/1',
    viaCount: 1,
    body: Buffer.alloc(0),
    featureCaps: [],
    secureAor: false,
    edgePath: '',
    ...change,
  };
}

/** One contact, without parameters unless told otherwise. */
export function contact(
  uri: string,
  change: Partial<RegisterRequest['contacts'][number]> = {},
): RegisterRequest['contacts'][number] {
  return { uri, params: '', expiresSec: undefined, qMilli: undefined, instanceId: '', regId: 0, ...change };
}

/** The answer of a phone to a nonce, right for alice unless told otherwise. */
export function answer(
  nonce: string,
  change: Partial<Credentials> & { password?: string; method?: string } = {},
): Credentials {
  const { password = 'wonderland', method = 'REGISTER', ...given } = change;
  const plain = {
    username: 'alice',
    realm,
    nonce,
    uri: 'sip:example.com',
    algorithm: 'SHA-256',
    cnonce: '0a4f113b',
    nc: '00000001',
    qop: 'auth',
    opaque: 'rc1',
    userhash: false,
    ...given,
  };
  const parameter = readAlgorithm(plain.algorithm);
  if (parameter === undefined) return { response: '00', ...plain };
  const ha1 = computeHa1(parameter.algorithm, plain.username, realm, password);
  const body = Buffer.alloc(0);
  const response = computeResponse(ha1, { ...plain, ...parameter, method, body });
  return { response, ...plain };
}
