import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsIdentity, TlsSource } from '@rollcall/rpc';

/** PEM files that TLS is spoken with. */
export interface ClientTlsFiles {
  /** Those who sign location's certificate. */
  readonly caFile: string;
  /** The certificate, with its chain, that location is shown where it asks for one. */
  readonly certFile?: string;
  /** Its key. */
  readonly keyFile?: string;
  /** The name that location's certificate must prove; by default the target's host. */
  readonly serverName?: string;
}

/** Files that are read for each handshake, of which there are few: what was renewed is used, what is half written is not. */
export class RenewedFiles implements TlsSource {
  readonly serverName: string;
  readonly #files: ClientTlsFiles;
  #identity: TlsIdentity;

  /** @throws Error where a file cannot be read, or the key does not belong to the certificate */
  constructor(files: ClientTlsFiles) {
    this.serverName = files.serverName ?? '';
    this.#files = files;
    this.#identity = this.#read();
  }

  get identity(): TlsIdentity {
    try {
      this.#identity = this.#read();
    } catch {
      // What worked so far still does; the next handshake looks again.
    }
    return this.#identity;
  }

  /** Nobody needs to be told: each handshake looks. */
  onChange(): void {}

  #read(): TlsIdentity {
    const { caFile, certFile, keyFile } = this.#files;
    const ca = readFileSync(caFile, 'utf8');
    new X509Certificate(ca);
    if (certFile === undefined || keyFile === undefined) return { ca };
    const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')];
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      throw new Error(`the key in ${keyFile} does not belong to the certificate in ${certFile}`);
    return { cert, key, ca };
  }
}
