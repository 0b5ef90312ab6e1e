import type { RegisterRequest, RegisterResponse } from '@rollcall/rpc';
import { createLogger, Metrics } from '@rollcall/runtime';
import { composeRegistrar, type Registrar } from '../src/compose.ts';
import { type RegistrarPolicyConfig, readRegistrarConfig } from '../src/config.ts';
import { FakeRegistrations } from './fake-registrations.ts';
import { answer, FakeAuth, FakeLocation, ManualClock, registerRequest } from './fakes.ts';

/** What a REGISTER came to, flat enough to compare. */
export interface Result {
  status: number;
  contacts: string[];
  expires: number[];
  stale: boolean | undefined;
  retryAfterSec: number;
  response: RegisterResponse;
}

/** A registrar between a fake auth and a fake location, and a phone that talks to it. */
export class Rig {
  readonly clock = new ManualClock();
  readonly auth = new FakeAuth(this.clock);
  readonly location = new FakeLocation(this.clock);
  readonly registrations = new FakeRegistrations();
  readonly metrics = new Metrics();
  readonly registrar: Registrar;

  constructor(
    config: Partial<RegistrarPolicyConfig> = {},
    options: { snapshot?: boolean; log?: (line: string) => void } = {},
  ) {
    this.registrar = composeRegistrar({
      config: { ...readRegistrarConfig({}), jitterPercent: 0, ...config },
      clock: this.clock,
      logger: createLogger({
        service: 'registrar',
        level: options.log === undefined ? 'silent' : 'debug',
        format: 'json',
        destination: { write: options.log ?? (() => undefined) },
      }),
      metrics: this.metrics,
      auth: this.auth,
      location: this.location,
      registrations: this.registrations,
      instance: 'registrar-0',
      random: () => 0,
    });
    if (options.snapshot !== false) this.auth.sendSnapshot();
  }

  /** Sends a REGISTER as it is. */
  async send(request: RegisterRequest, timeoutMs = 1000): Promise<Result> {
    const response = await this.registrar.calls.register(request, { timeoutMs, traceparent: '' });
    return resultOf(response);
  }

  /** Sends a REGISTER with right credentials (alice's, unless told otherwise). */
  authenticated(
    change: Partial<RegisterRequest> = {},
    credentials: Parameters<typeof answer>[1] = {},
  ): Promise<Result> {
    return this.send(
      registerRequest({ credentials: [answer(this.auth.mintNonce(), credentials)], ...change }),
    );
  }

  /** What is bound to alice, as the phone sees it. */
  async fetch(): Promise<string[]> {
    return (await this.authenticated({ contacts: [], callId: 'fetch' })).contacts;
  }

  /** Auth falls silent altogether. */
  loseAuth(fault: FakeAuth['fault']): void {
    this.auth.fault = fault;
    this.auth.endWatches();
    this.clock.pass(100);
  }
}

function resultOf(response: RegisterResponse): Result {
  const { outcome } = response;
  const none = { contacts: [], expires: [], stale: undefined, retryAfterSec: 0, response };
  switch (outcome?.$case) {
    case 'registered': {
      const { bindings } = outcome.value;
      return {
        ...none,
        status: 200,
        contacts: bindings.map((binding) => binding.uri).sort(),
        expires: bindings.map((binding) => binding.expiresSec),
      };
    }
    case 'challenged':
      return { ...none, status: 401, stale: outcome.value.stale };
    case 'rejected':
      return { ...none, status: outcome.value.status, retryAfterSec: outcome.value.retryAfterSec };
    default:
      return { ...none, status: 0 };
  }
}
