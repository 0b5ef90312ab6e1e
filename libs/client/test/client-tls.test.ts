import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IssuedCertificate, TestAuthority } from '@rollcall/testkit/certificates';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClientTlsFiles, RenewedFiles } from '../src/client-tls.ts';

let folder: string;
let files: Required<Pick<ClientTlsFiles, 'caFile' | 'certFile' | 'keyFile'>>;
let authority: TestAuthority;
let first: IssuedCertificate;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-tls-'));
  files = {
    caFile: join(folder, 'ca.crt'),
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
  };
  authority = await TestAuthority.create();
  first = await authority.issue({ dns: ['router.test'] });
  await writeFile(files.caFile, authority.cert);
  await put(first);
});

afterEach(() => rm(folder, { recursive: true }));

async function put({ cert, key }: IssuedCertificate): Promise<void> {
  await writeFile(files.certFile, cert);
  await writeFile(files.keyFile, key);
}

describe('the files of a client', () => {
  it('are read again for each handshake', async () => {
    const source = new RenewedFiles(files);
    expect(source.identity).toEqual({ cert: first.cert, key: first.key, ca: authority.cert });
    const second = await authority.issue({ dns: ['router.test'] });
    await put(second);
    expect(source.identity.cert).toBe(second.cert);
  });

  it('leave what worked while they are half written, or gone', async () => {
    const source = new RenewedFiles(files);
    const second = await authority.issue({ dns: ['router.test'] });
    await writeFile(files.certFile, second.cert);
    expect(source.identity).toEqual({ cert: first.cert, key: first.key, ca: authority.cert });
    await rm(files.keyFile);
    expect(source.identity.cert).toBe(first.cert);
    await writeFile(files.keyFile, second.key);
    expect(source.identity).toEqual({ cert: second.cert, key: second.key, ca: authority.cert });
  });

  it('may be those who sign alone', () => {
    expect(new RenewedFiles({ caFile: files.caFile }).identity).toEqual({ ca: authority.cert });
  });

  it('must be usable at first', async () => {
    await writeFile(files.keyFile, (await authority.issue({ dns: ['other.test'] })).key);
    expect(() => new RenewedFiles(files)).toThrow(/does not belong to the certificate/);
    expect(() => new RenewedFiles({ caFile: join(folder, 'nothing') })).toThrow(/ENOENT/);
  });
});
