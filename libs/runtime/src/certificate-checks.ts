import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** Checks that a certificate (PEM) can be shown with its key. @throws Error whose message says what is wrong with them */
export function checkKeyPair(cert: string, key: string): void {
  const certificate = readPem('there is no certificate in PEM', () => new X509Certificate(cert));
  const owned = readPem('there is no private key in PEM, or it is encrypted', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(owned)) throw new Error('the key does not belong to the certificate');
  createSecureContext({ cert, key });
}

/** Checks that others may prove themselves by these authorities (PEM). @throws Error whose message says what is wrong */
export function checkAuthority(ca: string): void {
  readPem('there is no certificate in PEM', () => new X509Certificate(ca));
  createSecureContext({ ca });
}

function readPem<T>(problem: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(problem, { cause });
  }
}
