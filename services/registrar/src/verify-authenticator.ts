import { pickCredentials } from '@rollcall/digest';
import type { AuthCalls, CallBudget } from '@rollcall/rpc';
import {
  type Authentication,
  type AuthenticationAsked,
  type Authenticator,
  requestKey,
} from './authentication.ts';
import { proofOf } from './authentication-info.ts';
import { reject } from './rejection.ts';

/** Authenticates by asking auth each time: HA1 never leaves it (REGISTRAR_AUTH_MODE=verify). */
export class VerifyAuthenticator implements Authenticator {
  readonly #auth: Pick<AuthCalls, 'verify'>;

  readonly #algorithms: () => readonly string[];

  readonly #provesKnowledge: boolean;

  constructor(options: {
    readonly auth: Pick<AuthCalls, 'verify'>;
    /** Says which are offered now, strongest first. */
    readonly algorithms: () => readonly string[];
    /** True to prove to phones that their password is known (Authentication-Info). */
    readonly provesKnowledge: boolean;
  }) {
    this.#auth = options.auth;
    this.#algorithms = options.algorithms;
    this.#provesKnowledge = options.provesKnowledge;
  }

  async authenticate(asked: AuthenticationAsked, budget: CallBudget): Promise<Authentication> {
    const credentials = pickCredentials(asked.credentials, asked.domain, this.#algorithms());
    const { verdict } = await this.#auth.verify(
      {
        credentials: credentials === undefined ? undefined : { ...credentials },
        method: asked.method,
        realm: asked.domain,
        source: asked.source,
        body: asked.body,
        requestKey: requestKey(asked),
        // The registrar has no nonce keys in this mode, so auth keeps the counts as well.
        useNonce: true,
        requestUri: asked.requestUri,
        aor: asked.aor,
        wantsResponseAuth: this.#provesKnowledge,
      },
      budget.next(),
    );
    switch (verdict?.$case) {
      case 'verified':
        return {
          kind: 'authenticated',
          identity: verdict.value,
          nonce: undefined,
          refreshOnly: false,
          proof:
            credentials === undefined
              ? undefined
              : proofOf(credentials, verdict.value.responseAuth, verdict.value.nonceExpiresAtMs),
          refusal: undefined,
        };
      case 'challenge':
        return {
          kind: 'challenge-owed',
          reason: verdict.value.stale
            ? 'stale'
            : credentials === undefined
              ? 'no_credentials'
              : 'auth_failed',
          challenge: verdict.value,
        };
      case 'lockedOut':
        return reject(403, 'Too Many Failures', 'locked_out');
      case 'malformed':
        return reject(400, 'Malformed Credentials', 'bad_request');
      default:
        throw new Error('auth gave no verdict');
    }
  }
}
