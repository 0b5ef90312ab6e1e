import { describe, expect, it } from 'vitest';
import { namedCallers, namesIn, refuseCaller } from './callers.ts';

const vectors = { service: 'rollcall.auth.v1.AuthService', name: 'GetVector', type: 'unary' } as const;

function caller(subjectaltname?: string) {
  return { getAuthContext: () => ({ sslPeerCertificate: { subjectaltname } }) };
}

describe('namesIn', () => {
  it('finds host names, in lower case, and URIs, but no addresses', () => {
    expect(namesIn('DNS:Registrar.voice.svc, IP Address:10.0.0.1, URI:spiffe://voice/Registrar')).toEqual([
      'registrar.voice.svc',
      'spiffe://voice/Registrar',
    ]);
  });

  it('takes no part of a quoted name for a name', () => {
    expect(namesIn('DNS:"edge, DNS:registrar, DNS:x", DNS:edge')).toEqual(['edge']);
    expect(namesIn('URI:"a\\", DNS:registrar, \\"b", DNS:edge')).toEqual(['edge']);
  });

  it('finds none in nothing', () => {
    expect(namesIn('')).toEqual([]);
  });
});

describe('refuseCaller', () => {
  const names = new Set(['registrar.voice.svc']);

  it('lets in who has one of the names', () => {
    expect(refuseCaller(vectors, names, caller('DNS:other, DNS:registrar.voice.svc'))).toBeUndefined();
  });

  it('says who may not call what', () => {
    const fault = refuseCaller(vectors, names, caller('DNS:redirect.voice.svc'));
    expect(fault?.reason).toBe('CALLER_NOT_ALLOWED');
    expect(fault?.message).toBe('redirect.voice.svc may not call GetVector');
  });

  it('refuses callers without a certificate, or without a name in it', () => {
    expect(refuseCaller(vectors, names, { getAuthContext: () => ({}) })).toBeDefined();
    expect(refuseCaller(vectors, names, caller())).toBeDefined();
  });
});

describe('namedCallers', () => {
  it('is everybody where nobody is named, whoever else is', () => {
    expect(namedCallers([], ['registrar'])).toBeUndefined();
    expect(namedCallers(['redirect'], ['registrar'])).toEqual(new Set(['redirect', 'registrar']));
  });
});
