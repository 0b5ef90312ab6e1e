import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Users of the demo, and as many as SIPp plays. */
const sippUsers = 1000;

/** A user that SIPp plays. */
export interface SippUser {
  readonly user: string;
  readonly password: string;
}

/** The users that SIPp plays. */
export const sippPhones: readonly SippUser[] = Array.from({ length: sippUsers }, (_, index) => ({
  user: `u${index + 1}`,
  password: `secret-of-u${index + 1}`,
}));

/** Writes a subscribers file with all users into a folder, and says where it is. */
export function writeSubscribers(folder: string): string {
  const all = [
    { user: 'alice', password: 'wonderland' },
    { user: 'bob', password: 'builder' },
    ...sippPhones,
  ];
  const file = join(folder, 'subscribers.yaml');
  const lines = all.map(
    ({ user, password }) => `- { username: ${user}, domain: example.com, password: ${password} }`,
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
