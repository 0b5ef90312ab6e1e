import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LineLog } from './line-log.ts';
import { domain, type Phone } from './phones.ts';

/** A running JsSIP. */
export interface JsSipPhone {
  /** Waits until it says so, or that it was refused. */
  registered(): Promise<string>;
  /** It takes its binding away and ends. */
  quit(): Promise<number | null>;
}

const program = fileURLToPath(new URL('./jssip-main.ts', import.meta.url));
const registerTimeoutMs = 20_000;

/**
 * Starts JsSIP in a process of its own: authorities to trust are named at a process's start.
 *
 * @param url ws: or wss: of the server
 * @param caFile the authority whose certificates it trusts
 */
export function startJsSip(phone: Pick<Phone, 'user' | 'password'>, url: string, caFile: string): JsSipPhone {
  const log = new LineLog();
  const outcome = log.next(
    (line) => /"(registered|registrationFailed)"/.test(line),
    'an outcome',
    registerTimeoutMs,
  );
  outcome.catch(() => undefined);
  const child = spawn(process.execPath, [program, url, phone.user, phone.password, domain], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => log.add(line));
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    registered: () => outcome,
    quit: async () => {
      child.stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), registerTimeoutMs);
      const [code] = await ended;
      clearTimeout(late);
      return code;
    },
  };
}
