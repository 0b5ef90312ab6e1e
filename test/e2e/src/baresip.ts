import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findTool } from '@rollcall/testkit';
import { LineLog } from './line-log.ts';
import { domain } from './phones.ts';
import { makeScratchFolder } from './scratch-folder.ts';

/** What baresip is to be. */
export interface BaresipOptions {
  readonly user: string;
  readonly password: string;
  readonly server: { readonly host: string; readonly port: number };
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** The authority whose certificates it trusts; undefined: it looks at none. */
  readonly caFile?: string;
  readonly expiresSec: number;
  /** Registers by UDP and by TCP, as two flows of one device (RFC 5626); `transport` then says nothing. */
  readonly twoFlows?: boolean;
}

/** A running baresip. */
export interface Baresip {
  /** Waits until it says that it is registered, or that it is not. */
  registered(): Promise<string>;
  /** Ends it as its user would: it takes its binding away first. Resolves to the exit code. */
  quit(): Promise<number | null>;
}

/** A softphone registers in milliseconds; a busy machine takes longer to start one. */
const registerTimeoutMs = 20_000;

/** Starts baresip on loopback, with no sound devices and no user interface. */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const program = await findTool('baresip');
  const folder = await makeScratchFolder();
  const { user, password, transport, expiresSec } = options;
  await folder.write('config', formatConfig(options));
  await folder.write('contacts', '');
  // The server is named by its address: the domain of the AOR is in no DNS.
  await folder.write(
    'accounts',
    `<sip:${user}@${domain};transport=${transport}>;auth_user=${user};auth_pass=${password};regint=${expiresSec}` +
      `${formatProxies(options)}\n`,
  );
  const log = new LineLog();
  const outcome = log.next((line) => /\b[1-6]\d\d \w|Register:/.test(line), 'an outcome', registerTimeoutMs);
  // Whoever only quits never asks for it.
  outcome.catch(() => undefined);
  const child: ChildProcess = spawn(program, ['-4', '-f', folder.path, '-n', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => log.add(line));
  }
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    registered: () => outcome,
    quit: async () => {
      child.kill('SIGTERM');
      const [code] = await ended;
      await folder.remove();
      return code;
    },
  };
}

function formatProxies({ server, transport, twoFlows = false }: BaresipOptions): string {
  const proxy = (name: string, by: string) => `;${name}="sip:${server.host}:${server.port};transport=${by}"`;
  if (!twoFlows) return proxy('outbound', transport);
  return `;sipnat=outbound${proxy('outbound1', 'udp')}${proxy('outbound2', 'tcp')}`;
}

function formatConfig({ caFile }: BaresipOptions): string {
  return [
    'poll_method epoll',
    'sip_listen 127.0.0.1:0',
    ...(caFile === undefined ? [] : [`sip_cafile ${caFile}`]),
    'module_path /usr/lib/baresip/modules',
    // One codec: without any, baresip does not start an account.
    'module g711.so',
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    '',
  ].join('\n');
}
