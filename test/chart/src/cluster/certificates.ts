import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes a CA and what it signs, by openssl, for a cluster that lives minutes. */
export class Certificates {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    const { key, certificate } = this.pathsOf('ca');
    openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=ca', '-keyout', key, '-out', certificate);
  }

  pathsOf(name: string): { key: string; certificate: string } {
    return { key: join(this.folder, `${name}.key`), certificate: join(this.folder, `${name}.crt`) };
  }

  /** @param names as in subjectAltName, for servers */
  issue(name: string, subject: string, names: readonly string[] = []): { key: string; certificate: string } {
    const paths = this.pathsOf(name);
    const request = join(this.folder, `${name}.csr`);
    const extensions = join(this.folder, `${name}.ext`);
    writeFileSync(
      extensions,
      [
        'extendedKeyUsage=clientAuth,serverAuth',
        ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
      ].join('\n'),
    );
    openssl('req', ...newKey, '-subj', subject, '-keyout', paths.key, '-out', request);
    const ca = this.pathsOf('ca');
    const signs = ['-CA', ca.certificate, '-CAkey', ca.key, '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', request, ...signs, '-extfile', extensions, '-out', paths.certificate);
    return paths;
  }

  /** A key without a certificate. */
  key(name: string): string {
    const { key } = this.pathsOf(name);
    openssl('genrsa', '-out', key, '2048');
    return key;
  }
}

const newKey = ['-newkey', 'rsa:2048', '-nodes'];

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
