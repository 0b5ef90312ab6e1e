import { describe, expect, it } from 'vitest';
import { readAlgorithm } from './algorithm.ts';
import { type PresentedCredentials, pickCredentials } from './credentials.ts';
import { NonceMint } from './nonce.ts';
import { computeHa1, computeResponse } from './response.ts';
import {
  type AuthenticatedRequest,
  type ChallengePolicy,
  inspectCredentials,
  type Verdict,
  verifyCredentials,
} from './verify-credentials.ts';

const nowMs = 1_790_000_000_000;
const key = Buffer.from('a key of the nonces, long enough');
const realm = 'example.com';
const mint = new NonceMint([key]);

const policy: ChallengePolicy = {
  algorithms: ['SHA-256', 'MD5'],
  qop: 'auth',
  opaque: 'rc1',
  nonceKeys: [key],
  nonceLifetimeSec: 300,
};

const request: AuthenticatedRequest = {
  method: 'REGISTER',
  requestUri: 'sip:example.com',
  realm,
  servesDomain: (host) => host === 'example.com' || host === 'example.net',
  body: Buffer.alloc(0),
};

const ha1 = (['MD5', 'SHA-256', 'SHA-512-256'] as const).map((algorithm) => ({
  algorithm,
  hash: computeHa1(algorithm, 'alice', realm, 'wonderland'),
}));

interface Answer extends Partial<PresentedCredentials> {
  readonly password?: string;
  readonly method?: string;
  readonly body?: Uint8Array;
}

/** The credentials of a phone, right unless told otherwise. */
function answer(change: Answer = {}): PresentedCredentials {
  const { password = 'wonderland', method = 'REGISTER', body = Buffer.alloc(0), ...given } = change;
  const plain = {
    username: 'alice',
    realm,
    nonce: mint.mint(realm, nowMs),
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
  const userHa1 = computeHa1(parameter.algorithm, plain.username, realm, password);
  return { response: computeResponse(userHa1, { ...plain, ...parameter, method, body }), ...plain };
}

function judge(
  credentials: PresentedCredentials | undefined,
  changes: {
    request?: Partial<AuthenticatedRequest>;
    policy?: Partial<ChallengePolicy>;
    nowMs?: number;
  } = {},
): Verdict {
  return verifyCredentials(
    credentials,
    ha1,
    { ...request, ...changes.request },
    { ...policy, ...changes.policy },
    changes.nowMs ?? nowMs,
  );
}

const challenge = (reason: string, stale = false) => ({ kind: 'challenge', stale, reason });

describe('right credentials', () => {
  it('A2: are verified, and their nonce and count told', () => {
    const credentials = answer({ nc: '0000001F' });
    expect(judge(credentials, { nowMs: nowMs + 1000 })).toEqual({
      kind: 'verified',
      nonce: credentials.nonce,
      nc: 31,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + 300_000,
    });
  });

  it('A2: are verified with hexadecimal digits of either case', () => {
    const credentials = answer();
    expect(judge({ ...credentials, response: credentials.response.toUpperCase() }).kind).toBe('verified');
  });

  it('A17: without an algorithm parameter are MD5', () => {
    expect(judge(answer({ algorithm: '' })).kind).toBe('verified');
  });

  it('A19: in a -sess form are verified where it is offered, and only there', () => {
    const credentials = answer({ algorithm: 'MD5-sess' });
    expect(judge(credentials, { policy: { algorithms: ['MD5-sess'] } }).kind).toBe('verified');
    expect(judge(credentials)).toEqual(challenge('algorithm-not-offered'));
  });

  it('A18: by SHA-512-256 are verified where it is offered', () => {
    const credentials = answer({ algorithm: 'SHA-512-256' });
    expect(judge(credentials, { policy: { algorithms: ['SHA-512-256'] } }).kind).toBe('verified');
  });

  it('A21: with auth-int cover the body', () => {
    const body = Buffer.from('v=0');
    const credentials = answer({ qop: 'auth-int', body });
    const offered = { qop: 'auth,auth-int' };
    expect(judge(credentials, { policy: offered, request: { body } }).kind).toBe('verified');
    const altered = judge(credentials, { policy: offered, request: { body: Buffer.from('v=1') } });
    expect(altered).toEqual(challenge('wrong-response'));
    expect(judge(credentials, { request: { body } })).toEqual(challenge('qop-not-offered'));
  });

  it('may leave out opaque, and are asked again (stale) with another one', () => {
    expect(judge(answer({ opaque: '' })).kind).toBe('verified');
    expect(judge(answer({ opaque: 'other' }))).toEqual(challenge('unknown-nonce', true));
  });
});

describe('wrong credentials', () => {
  it('A5: of a wrong password are challenged as those of an unknown user are', () => {
    expect(judge(answer({ password: 'looking glass' }))).toEqual(challenge('wrong-response'));
    expect(judge(answer({ username: 'nobody' }))).toEqual(challenge('wrong-response'));
  });

  it('A3: of another method or uri are challenged', () => {
    expect(judge(answer({ method: 'INVITE' }))).toEqual(challenge('wrong-response'));
    expect(judge({ ...answer({ uri: 'sip:EXAMPLE.com' }), uri: 'sip:example.com' })).toEqual(
      challenge('wrong-response'),
    );
  });

  it('A6: of another realm count as none', () => {
    expect(judge(answer({ realm: 'other' }))).toEqual(challenge('no-credentials'));
    expect(judge(undefined)).toEqual(challenge('no-credentials'));
  });

  it('A17: by an algorithm that is not offered are challenged, however right', () => {
    const only = { policy: { algorithms: ['SHA-256'] } };
    expect(judge(answer({ algorithm: 'MD5' }), only)).toEqual(challenge('algorithm-not-offered'));
    expect(judge(answer({ algorithm: '' }), only)).toEqual(challenge('algorithm-not-offered'));
    expect(judge(answer({ algorithm: 'AKAv1-MD5' }))).toEqual(challenge('algorithm-not-offered'));
  });

  it('A17: for which the user has no HA1 are challenged', () => {
    const md5Only = ha1.filter((stored) => stored.algorithm === 'MD5');
    expect(verifyCredentials(answer(), md5Only, request, policy, nowMs)).toEqual(challenge('wrong-response'));
  });
});

describe('nonces', () => {
  it('A7: that are expired make stale=true with a right digest, and not with a wrong one', () => {
    const later = { nowMs: nowMs + 301_000 };
    expect(judge(answer(), later)).toEqual(challenge('expired-nonce', true));
    expect(judge(answer({ password: 'no' }), later)).toEqual(challenge('wrong-response'));
  });

  it('A8: that are forged never pass, and make stale=true with a right digest only', () => {
    const nonce = 'dcd98b7102dd2f0e8b11d0f600bfb0c093';
    expect(judge(answer({ nonce }))).toEqual(challenge('unknown-nonce', true));
    expect(judge(answer({ nonce, password: 'no' }))).toEqual(challenge('wrong-response'));
    const elsewhere = mint.mint('example.net', nowMs);
    expect(judge(answer({ nonce: elsewhere }))).toEqual(challenge('unknown-nonce', true));
  });

  it('IM5: empty together with the response are a first request without credentials', () => {
    expect(judge({ ...answer(), nonce: '', response: '' })).toEqual(challenge('no-credentials'));
    expect(judge({ ...answer(), nonce: '', response: '', cnonce: '', nc: '', qop: '', uri: '' })).toEqual(
      challenge('no-credentials'),
    );
  });
});

describe('syntax', () => {
  it('A12: qop needs cnonce and a count of 8 hexadecimal digits', () => {
    const odd = ['', '1', '0000000g', '000000001', '00000000', '\u0010\u0010000001', '-0000001'];
    for (const nc of odd) expect(judge(answer({ nc })), nc).toMatchObject({ kind: 'malformed' });
    expect(judge(answer({ cnonce: '' }))).toMatchObject({ kind: 'malformed' });
  });

  it('A12: username, nonce, uri and response must be there', () => {
    for (const name of ['username', 'nonce', 'uri', 'response'] as const) {
      const verdict = judge({ ...answer(), [name]: '' });
      expect(verdict).toEqual({ kind: 'malformed', problem: `the ${name} parameter is missing` });
    }
  });

  it('A13: the form of RFC 2069 is refused unless accepted by policy; its nonce is then good once', () => {
    const credentials = answer({ qop: '', nc: '', cnonce: '', algorithm: 'MD5' });
    expect(judge(credentials)).toEqual(challenge('qop-not-offered'));
    expect(judge(credentials, { policy: { acceptsNoQop: true } })).toMatchObject({ kind: 'verified', nc: 1 });
  });

  it('A1: qop is read in any case', () => {
    expect(judge(answer({ qop: 'AUTH' })).kind).toBe('verified');
    expect(judge(answer({ qop: 'token' }))).toEqual(challenge('qop-not-offered'));
  });
});

describe('the uri parameter', () => {
  it('A3: may be spelt in another way than the Request-URI', () => {
    expect(judge(answer({ uri: 'sip:EXAMPLE.com' })).kind).toBe('verified');
    expect(judge(answer({ uri: 'sip:example.net' })).kind).toBe('verified');
    const inDialog = { request: { requestUri: 'sip:alice@example.com' } };
    expect(judge(answer({ uri: 'sip:%61lice@example.com' }), inDialog).kind).toBe('verified');
  });

  it('A4: that names another resource is malformed, however right the digest', () => {
    for (const uri of ['sip:evil.org', 'sip:bob@example.com', 'tel:+15551234', '*', 'sip:']) {
      expect(judge(answer({ uri })), uri).toMatchObject({ kind: 'malformed' });
    }
  });
});

describe('several Authorization rows', () => {
  it('M7: those of the own realm count, and of these the strongest', () => {
    const other = answer({ realm: 'other' });
    const md5 = answer({ algorithm: 'MD5' });
    const sha256 = answer();
    const unknown = answer({ algorithm: 'AKAv1-MD5' });
    expect(pickCredentials([other, unknown, md5, sha256], realm, policy.algorithms)).toBe(sha256);
    expect(pickCredentials([sha256, md5], realm, policy.algorithms)).toBe(sha256);
    expect(pickCredentials([other, unknown], realm, policy.algorithms)).toBe(unknown);
    expect(pickCredentials([other], realm, policy.algorithms)).toBeUndefined();
  });

  it('says without HA1 what is not worth asking for it', () => {
    expect(inspectCredentials(answer(), request, policy)).toBeUndefined();
    expect(inspectCredentials(undefined, request, policy)).toEqual(challenge('no-credentials'));
  });
});
