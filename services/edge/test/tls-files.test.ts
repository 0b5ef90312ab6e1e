import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@rollcall/testkit';
import { TestAuthority } from '@rollcall/testkit/certificates';
import { TlsAcceptor } from '@rollcall/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTlsFiles, TlsFiles, type TlsPaths, warnOfEnded } from '../src/tls-files.ts';

let authority: TestAuthority;
let folder: string;
let paths: TlsPaths;
let clock: ManualClock;
let acceptor: TlsAcceptor;
let files: TlsFiles;
let results: string[];
let errors: unknown[];

beforeEach(async () => {
  authority = await TestAuthority.create();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-tls-'));
  paths = { cert: [join(folder, 'tls.crt')], key: [join(folder, 'tls.key')], clientCa: '' };
  await put('first.example', paths);
  clock = new ManualClock();
  acceptor = new TlsAcceptor(readTlsFiles(paths).identity);
  results = [];
  errors = [];
  files = new TlsFiles({
    paths,
    certificates: () => acceptor.certificates,
    replace: (identity) => acceptor.replace(identity),
    onReload: (result) => results.push(result),
    clock,
    logger: { info: () => undefined, error: (what: unknown) => errors.push(what) } as never,
  });
});

afterEach(async () => {
  files.close();
  await rm(folder, { recursive: true });
});

async function put(name: string, { cert, key }: TlsPaths): Promise<void> {
  const issued = await authority.issue({ dns: [name] });
  await writeFile(cert[0] ?? '', issued.cert);
  await writeFile(key[0] ?? '', issued.key);
}

function namesInUse(): readonly string[] {
  return acceptor.certificates.flatMap(({ names }) => names);
}

describe('the files of a certificate', () => {
  it('are said to be over once they are, and not before', () => {
    const warned: unknown[] = [];
    const logger = { warn: (...said: unknown[]) => warned.push(said) };
    const [ends] = acceptor.certificates.map(({ notAfterMs }) => notAfterMs);
    warnOfEnded(acceptor.certificates, new ManualClock((ends ?? 0) - 1000), logger);
    expect(warned).toEqual([]);
    warnOfEnded(acceptor.certificates, new ManualClock((ends ?? 0) + 1000), logger);
    expect(warned).toEqual([
      [
        { certificates: [expect.objectContaining({ names: ['first.example'] })] },
        expect.stringContaining('has ended'),
      ],
    ]);
  });

  it('are read again once they have changed and stay as they are', async () => {
    clock.advance(60_000);
    expect(results).toEqual([]);
    await put('second.example', paths);
    clock.advance(2_000);
    expect(namesInUse()).toEqual(['first.example']);
    clock.advance(2_000);
    expect(namesInUse()).toEqual(['second.example']);
    clock.advance(60_000);
    expect(results).toEqual(['success']);
    expect(errors).toEqual([]);
  });

  it('are not read while they change', async () => {
    const next = { ...paths, cert: [join(folder, 'next.crt')], key: [join(folder, 'next.key')] };
    await put('second.example', next);
    await rename(next.cert[0] ?? '', paths.cert[0] ?? '');
    clock.advance(2_000);
    await rename(next.key[0] ?? '', paths.key[0] ?? '');
    clock.advance(4_000);
    expect(results).toEqual(['success']);
    expect(namesInUse()).toEqual(['second.example']);
  });

  it('leave what is in use where they are no good, and say what is wrong once', async () => {
    await writeFile(paths.key[0] ?? '', 'no key');
    clock.advance(60_000);
    expect(results).toEqual(['failure']);
    expect(JSON.stringify(errors)).toMatch(/EDGE_TLS_CERT_FILE.*tls\.key.*no private key/);
    expect(namesInUse()).toEqual(['first.example']);
    await rm(paths.cert[0] ?? '');
    clock.advance(4_000);
    expect(results).toEqual(['failure', 'failure']);
    expect(JSON.stringify(errors)).toContain('ENOENT');
    await put('third.example', paths);
    clock.advance(4_000);
    expect(namesInUse()).toEqual(['third.example']);
  });
});
