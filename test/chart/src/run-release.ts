import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { domain, formatSubscribers, type Subscriber } from './load/subscribers.ts';

/** How an edge goes where nobody wants to wait: the contract's steps, in less time. */
export const shortDrain = { acceptSeconds: 3, streamSeconds: 10, udpSeconds: 8 };

/** Secrets that `helm/rollcall/ci/dev-values.yaml` and {@link writeRunValues} name. */
export function runSecrets(load: readonly Subscriber[]): Record<string, Record<string, string>> {
  const kept = [
    { user: 'alice', password: 'wonderland' },
    { user: 'probe', password: 'let-me-in' },
  ];
  return {
    'rollcall-nonces': { 'nonce-secrets': 'sixteen-characters-and-more' },
    'rollcall-flows': { 'flow-secrets': 'sixteen-characters-and-more' },
    'rollcall-probe': { password: 'let-me-in' },
    'rollcall-subscribers': { 'subscribers.yaml': formatSubscribers([...kept, ...load]) },
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
    edge: { drain: shortDrain },
    common: { minReadySeconds: 2 },
    ...more,
  };
  writeFileSync(file, stringify(values));
  return file;
}
