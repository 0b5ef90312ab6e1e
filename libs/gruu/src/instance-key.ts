import { hash } from 'node:crypto';

/** 80 bits tell the few instances of an AOR apart. */
export const keyBytes = 10;

/** What stands for an instance-id in a temporary GRUU: the same for every spelling of a UUID (RFC 4122 §3). */
export function instanceKeyOf(instanceId: string): string {
  const lower = instanceId.toLowerCase();
  const plain = lower.startsWith('urn:uuid:') ? lower : instanceId;
  return hash('sha256', Buffer.from(plain, 'latin1'), 'buffer').toString('latin1', 0, keyBytes);
}
