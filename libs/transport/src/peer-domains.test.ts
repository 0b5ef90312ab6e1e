import { describe, expect, it } from 'vitest';
import { peerDomainsOf, provesDomain } from './peer-domains.ts';

const subject = 'C=AQ\nO=Example\nCN=cn.example.com';

function domains(subjectAltName: string | undefined, of = subject): string[] {
  return peerDomainsOf({ subjectAltName, subject: of });
}

describe('TL1: who a certificate says that its subject is (RFC 5922 §7.1)', () => {
  it('takes the hosts of sip URIs, and then no DNS name', () => {
    expect(domains('URI:sip:Example.COM, URI:SIP:b.example.com;x=y, DNS:host.example.com')).toEqual([
      'example.com',
      'b.example.com',
    ]);
    expect(domains('DNS:host.example.com, URI:sip:example.com:5061')).toEqual(['example.com']);
  });

  it('takes DNS names where no sip URI names a domain', () => {
    expect(domains('DNS:A.example.com, DNS:b.example.com, IP Address:192.0.2.1')).toEqual([
      'a.example.com',
      'b.example.com',
    ]);
    for (const other of [
      'sips:example.com',
      'sip:alice@example.com',
      'https://example.com',
      'sip:[2001:db8::1]',
    ])
      expect(domains(`URI:${other}, DNS:a.example.com`), other).toEqual(['a.example.com']);
  });

  it('takes the common name only where there is no subjectAltName', () => {
    expect(domains(undefined)).toEqual(['cn.example.com']);
    expect(domains('email:a@example.com')).toEqual([]);
    expect(domains('')).toEqual([]);
    expect(domains(undefined, 'CN=Example Company')).toEqual([]);
    expect(domains(undefined, 'O=CN=example.com')).toEqual([]);
  });

  it('lets no name pretend to be two', () => {
    expect(domains('DNS:"a.example.com, DNS:example.com"')).toEqual(['a.example.com, dns:example.com']);
    expect(domains('URI:"sip:a, URI:sip:example.com"')).toEqual(['a, uri']);
    expect(domains('DNS:"unfinished')).toEqual([]);
  });
});

describe('TL1: whether that is who is wanted (RFC 5922 §7.2)', () => {
  it('compares whole names without case', () => {
    expect(provesDomain(['example.com'], 'EXAMPLE.com')).toBe(true);
    expect(provesDomain(['example.com'], 'foo.example.com')).toBe(false);
    expect(provesDomain(['foo.example.com'], 'example.com')).toBe(false);
    expect(provesDomain([], 'example.com')).toBe(false);
  });

  it('knows no wildcards', () => {
    expect(provesDomain(['*.example.com'], 'foo.example.com')).toBe(false);
    expect(provesDomain(['.example.com'], 'foo.example.com')).toBe(false);
  });
});
