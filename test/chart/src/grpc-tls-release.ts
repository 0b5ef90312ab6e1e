import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientTlsFiles } from '@rollcall/client';
import { type IssuedCertificate, TestAuthority } from '@rollcall/testkit/certificates';
import { componentNames } from './component-schema.ts';

/** What a release whose services speak mutual TLS needs. */
export interface GrpcTlsRelease {
  /** Values beside those of the run. */
  readonly values: object;
  readonly secrets: Record<string, Record<string, string>>;
  /** What asks location afterwards, from outside, whatever address it has there. */
  readonly client: ClientTlsFiles;
}

/** Certificates as docs/deploy.md has them made, for the release and the namespace of a run. */
export async function issueGrpcTls(folder: string): Promise<GrpcTlsRelease> {
  const authority = await TestAuthority.create('Rollcall services');
  const issue = (name: string): Promise<IssuedCertificate> =>
    authority.issue({
      dns: ['', '-headless'].flatMap((suffix) => {
        const service = `rc-rollcall-${name}${suffix}.voip.svc`;
        return [service, `${service}.cluster.local`];
      }),
    });
  const secrets: Record<string, Record<string, string>> = {};
  const existingSecrets: Record<string, string> = {};
  for (const name of [...componentNames, 'probe']) {
    const { cert, key } = await issue(name);
    secrets[`${name}-grpc`] = { 'tls.crt': cert, 'tls.key': key, 'ca.crt': authority.cert };
    existingSecrets[name] = `${name}-grpc`;
  }
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const own = await issue('router');
  return {
    values: {
      grpcTls: { enabled: true, existingSecrets, clients: { others: ['rc-rollcall-router.voip.svc'] } },
    },
    secrets,
    client: {
      caFile: write('grpc-ca.crt', authority.cert),
      certFile: write('grpc.crt', own.cert),
      keyFile: write('grpc.key', own.key),
      serverName: 'rc-rollcall-location.voip.svc',
    },
  };
}
