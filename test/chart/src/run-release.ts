import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestAuthority } from '@rollcall/testkit/certificates';
import { stringify } from 'yaml';
import { domain, formatSubscribers, type Subscriber } from './load/subscribers.ts';

/** How an edge goes where nobody wants to wait: the contract's steps, in less time. */
export const shortDrain = { acceptSeconds: 3, streamSeconds: 10, udpSeconds: 8 };

/** All transports, so that `helm test` goes each way. */
const listeners = [
  { name: 'sip-udp', transport: 'udp', port: 5060 },
  { name: 'sip-tcp', transport: 'tcp', port: 5060 },
  { name: 'sip-tls', transport: 'tls', port: 5061 },
  { name: 'sip-ws', transport: 'ws', port: 5066 },
  { name: 'sip-wss', transport: 'wss', port: 7443 },
];

/** Secrets that `helm/rollcall/ci/dev-values.yaml` and {@link writeRunValues} name; the certificate is for the domain. */
export async function runSecrets(
  load: readonly Subscriber[],
): Promise<Record<string, Record<string, string>>> {
  const kept = [
    { user: 'alice', password: 'wonderland' },
    { user: 'probe', password: 'let-me-in' },
  ];
  const authority = await TestAuthority.create();
  const { cert, key } = await authority.issue({ commonName: domain, dns: [domain], uris: [`sip:${domain}`] });
  return {
    'rollcall-nonces': { 'nonce-secrets': 'sixteen-characters-and-more' },
    'rollcall-flows': { 'flow-secrets': 'sixteen-characters-and-more' },
    'rollcall-probe': { password: 'let-me-in' },
    'rollcall-subscribers': { 'subscribers.yaml': formatSubscribers([...kept, ...load]) },
    'rollcall-tls': { 'tls.crt': cert, 'tls.key': key },
    'rollcall-ca': { 'ca.crt': authority.cert },
  };
}

/** Writes the values that a run under load has besides those of a trial. @returns the file */
export function writeRunValues(folder: string, more: object = {}): string {
  const file = join(folder, 'run-values.yaml');
  const values = {
    domains: [domain],
    subscribers: { inline: [], existingSecret: { name: 'rollcall-subscribers' } },
    // SIPp knows no other algorithm, and reads the first challenge only.
    auth: { config: { AUTH_ALGORITHMS: 'MD5 SHA-256' } },
    edge: { drain: shortDrain, listeners, tls: { existingSecret: 'rollcall-tls' } },
    test: { caSecret: { name: 'rollcall-ca' } },
    common: { minReadySeconds: 2 },
    ...more,
  };
  writeFileSync(file, stringify(values));
  return file;
}
