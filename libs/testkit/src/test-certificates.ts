import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its key, PEM. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Whom a certificate is for. */
export interface CertificateWish {
  readonly commonName?: string;
  /** Entries of subjectAltName; none: the extension is left out. */
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly ips?: readonly string[];
  /** Default: a day from now. */
  readonly notAfter?: Date;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
type Keys = Awaited<ReturnType<typeof newKeys>>;

const dayMs = 86_400_000;

/** A certificate authority of one test's own. */
export class TestAuthority {
  /** Its certificate, PEM. */
  readonly cert: string;
  readonly #certificate: X509Certificate;
  readonly #keys: Keys;

  private constructor(certificate: X509Certificate, keys: Keys) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.cert = certificate.toString('pem');
  }

  static async create(name = 'Test Authority'): Promise<TestAuthority> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      serialNumber: newSerial(),
      name: [{ CN: [name] }],
      ...lifetime(),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    return new TestAuthority(certificate, keys);
  }

  /** Signs a certificate for a server or a client. */
  async issue(wish: CertificateWish): Promise<IssuedCertificate> {
    const keys = await newKeys();
    const names: JsonGeneralName[] = [
      ...(wish.uris ?? []).map((value) => ({ type: 'url' as const, value })),
      ...(wish.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
      ...(wish.ips ?? []).map((value) => ({ type: 'ip' as const, value })),
    ];
    const extensions: Extension[] = [
      new BasicConstraintsExtension(false),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    ];
    if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names));
    const certificate = await X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: wish.commonName === undefined ? '' : [{ CN: [wish.commonName] }],
      issuer: this.#certificate.subjectName,
      ...lifetime(wish.notAfter),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions,
    });
    const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
    return { cert: certificate.toString('pem'), key };
  }
}

async function newKeys() {
  return await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** A positive number, as RFC 5280 §4.1.2.2 asks. */
function newSerial(): string {
  return `01${randomBytes(8).toString('hex')}`;
}

function lifetime(notAfter = new Date(Date.now() + dayMs)): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Math.min(Date.now(), notAfter.getTime()) - dayMs), notAfter };
}
