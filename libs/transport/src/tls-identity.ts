import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { peerDomainsOf, provesDomain } from './peer-domains.ts';

/** A certificate with its chain, and its key, both PEM. */
export interface TlsKeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Who a listener is, and whom it asks for a certificate. */
export interface TlsIdentity {
  /** The first is shown where no other is asked for by name (RFC 6066 §3, SNI). At least one. */
  readonly keyPairs: readonly TlsKeyPair[];
  /** PEM of those who may sign a peer's certificate; without it none is asked for. */
  readonly clientCa?: string;
}

/** What a pair shows to the world. */
export interface CertificateFacts {
  /** The names it is for, in lower case. */
  readonly names: readonly string[];
  readonly notAfterMs: number;
}

/** Where session tickets and sessions of one meaning belong; a number of the product's own. */
const SESSION_ID_CONTEXT = 'rollcall';

/** A pair that can be used. */
export interface LoadedKeyPair {
  readonly context: SecureContext;
  readonly certificate: X509Certificate;
  readonly facts: CertificateFacts;
}

/**
 * Makes a pair ready for use.
 *
 * @throws Error whose message says what is wrong with it
 */
export function loadKeyPair(pair: TlsKeyPair, clientCa: string | undefined): LoadedKeyPair {
  const certificate = readCertificate(pair.cert);
  if (!certificate.checkPrivateKey(readKey(pair.key)))
    throw new Error('the key does not belong to the certificate');
  const context = createSecureContext({
    cert: pair.cert,
    key: pair.key,
    // RFC 8996: nothing older than TLS 1.2.
    minVersion: 'TLSv1.2',
    sessionIdContext: SESSION_ID_CONTEXT,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
  });
  return { context, certificate, facts: factsOf(certificate) };
}

/** Checks that a pair can be used. @throws Error whose message says what is wrong with it */
export function checkKeyPair(pair: TlsKeyPair): void {
  loadKeyPair(pair, undefined);
}

/** The pair for the name that a client asks for: the first that is for it, else the first of all. */
export function choosePair(pairs: readonly LoadedKeyPair[], serverName: string): LoadedKeyPair | undefined {
  const name = serverName.toLowerCase();
  return (
    pairs.find(({ facts }) => provesDomain(facts.names, name)) ??
    // A wildcard is nothing for SIP (RFC 5922 §7.2), but good enough for a browser.
    pairs.find(({ certificate }) => certificate.checkHost(name) !== undefined) ??
    pairs[0]
  );
}

/** Checks what a peer's certificate may be signed by. @throws Error whose message says what is wrong */
export function checkClientCa(pem: string): void {
  readCertificate(pem);
  createSecureContext({ ca: pem });
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Error('there is no certificate in PEM', { cause });
  }
}

function readKey(pem: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Error('there is no private key in PEM, or it is encrypted', { cause });
  }
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    names: peerDomainsOf(certificate),
    notAfterMs: Date.parse(certificate.validTo),
  };
}
