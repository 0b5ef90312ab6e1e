import {
  AddressStatus,
  type AuthCalls,
  type Binding,
  GrpcCode,
  type LocationCalls,
  type ResolveAddressRequest,
  type ResolveAddressResponse,
  type ResolveRequest,
  type ResolveResponse,
  ServiceFault,
  SubscriberState,
} from '@rollcall/rpc';
import { type Clock, createLogger, Metrics } from '@rollcall/runtime';
import type { PreferenceHeaders } from '../src/caller-preferences.ts';
import { composeRedirect } from '../src/compose.ts';

/** Time that passes only when told to. */
export class ManualClock implements Clock {
  #nowMs = 1_790_000_000_000;

  nowMs(): number {
    return this.#nowMs;
  }

  after(): { cancel(): void } {
    return { cancel: () => undefined };
  }

  pass(durationMs: number): void {
    this.#nowMs += durationMs;
  }
}

/** A binding, with nothing but its URI unless told otherwise. */
export function binding(uri: string, change: Partial<Binding> = {}): Binding {
  return {
    uri,
    params: '',
    expiresSec: 600,
    qMilli: undefined,
    instanceId: '',
    regId: 0,
    path: [],
    flow: undefined,
    registeredAtMs: 1_789_999_000_000,
    callId: 'call-1',
    cseq: 1,
    userAgent: '',
    ...change,
  };
}

/** A fault such as @rollcall/rpc gives where nobody answers. */
export function absence(): ServiceFault {
  return new ServiceFault(GrpcCode.UNAVAILABLE, 'BACKEND_UNAVAILABLE', 'nobody is there');
}

/** The secret of the rig's temporary GRUUs. */
export const gruuSecret = 'a secret of temporary GRUUs';

/** What a request came to, flat enough to compare. */
export interface Result {
  status: number;
  uris: string[];
  retryAfterSec: number;
  response: ResolveResponse;
}

const nobody: ResolveAddressResponse = {
  aor: '',
  status: AddressStatus.UNKNOWN,
  state: SubscriberState.UNSPECIFIED,
  movedTo: '',
  watchers: [],
  watcherRefused: false,
};

/** Headers of a caller that prefers something. */
type Preferences = Partial<Pick<ResolveRequest, keyof PreferenceHeaders>>;

/** A redirect service between a fake location and a fake auth that knows alice, carol, and a number of alice's. */
export class Rig {
  readonly clock = new ManualClock();
  readonly metrics = new Metrics();
  readonly bound = new Map<string, Binding[]>();
  readonly lookedUp: string[] = [];
  readonly asked: ResolveAddressRequest[] = [];
  locationFault: (() => ServiceFault) | undefined;
  authFault: (() => ServiceFault) | undefined;
  readonly users = ['sip:alice@example.com', 'sip:carol@example.com'];
  /** Numbers that go on. */
  readonly incomplete = ['+1555'];
  readonly states = new Map<string, { state: SubscriberState; movedTo: string }>();
  readonly numbers = new Map([['+15551234', 'sip:alice@example.com']]);
  readonly #resolve: (requestUri: string, headers?: Preferences) => Promise<ResolveResponse>;

  constructor(config: { unknownAs480?: boolean } = {}) {
    const { calls } = composeRedirect({
      config: { unknownAs480: false, gruuSecrets: [gruuSecret], logAor: 'hash', ...config },
      clock: this.clock,
      logger: createLogger({ service: 'redirect', level: 'silent', format: 'json' }),
      metrics: this.metrics,
      auth: { resolveAddress: this.resolveAddress },
      location: { lookUp: this.lookUp },
      random: () => 0,
    });
    this.#resolve = (requestUri, headers) =>
      calls.resolve(
        {
          requestUri,
          method: 'INVITE',
          flow: undefined,
          acceptContact: [],
          rejectContact: [],
          requestDisposition: [],
          ...headers,
        },
        { timeoutMs: 900, traceparent: '' },
      );
  }

  readonly lookUp: LocationCalls['lookUp'] = async ({ aor }) => {
    this.lookedUp.push(aor);
    if (this.locationFault !== undefined) throw this.locationFault();
    return { bindings: this.bound.get(aor) ?? [] };
  };

  readonly resolveAddress: AuthCalls['resolveAddress'] = async (request) => {
    this.asked.push(request);
    if (this.authFault !== undefined) throw this.authFault();
    if (request.domain !== '' && request.domain !== 'example.com')
      return { ...nobody, status: AddressStatus.FOREIGN_DOMAIN };
    const isUser = this.users.includes(request.aor) || this.bound.has(request.aor);
    const aor = isUser ? request.aor : this.numbers.get(request.number);
    if (aor !== undefined) return { ...nobody, ...this.states.get(aor), aor, status: AddressStatus.KNOWN };
    const goesOn = this.incomplete.includes(request.number);
    return goesOn ? { ...nobody, status: AddressStatus.INCOMPLETE_NUMBER } : nobody;
  };

  /** Binds contacts to alice. */
  bind(...bindings: Binding[]): void {
    this.bound.set('sip:alice@example.com', bindings);
  }

  async invite(requestUri = 'sip:alice@example.com', headers?: Preferences): Promise<Result> {
    const response = await this.#resolve(requestUri, headers);
    const { outcome } = response;
    if (outcome?.$case === 'redirected') {
      const uris = outcome.value.targets.map((target) => target.uri);
      return { status: outcome.value.permanent ? 301 : 302, uris, retryAfterSec: 0, response };
    }
    const { status = 0, retryAfterSec = 0 } = outcome?.value ?? {};
    return { status, uris: [], retryAfterSec, response };
  }
}
