import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTool } from '@rollcall/testkit';
import { makeScratchFolder } from './scratch-folder.ts';

/** A port of HAProxy, and where what comes to it goes. */
export interface Relay {
  readonly name: string;
  readonly listen: number;
  readonly server: number;
  /** Options of HAProxy's `server` line. */
  readonly options: string;
}

/** What HAProxy says of a server that it checks. */
export interface CheckedServer {
  readonly name: string;
  /** "UP", or what is wrong. */
  readonly status: string;
  /** "L4OK" once a check has passed. */
  readonly lastCheck: string;
  readonly failedChecks: number;
}

/** A running HAProxy. */
export interface Haproxy {
  servers(): Promise<CheckedServer[]>;
  stop(): Promise<void>;
}

/** Where HAProxy's own connections come from; phones come from 127.0.0.1. */
export const haproxyAddress = '127.0.0.2';

const startTimeoutMs = 20_000;

/** Starts HAProxy on loopback, with one `listen` section for each relay. */
export async function startHaproxy(relays: readonly Relay[]): Promise<Haproxy> {
  const program = await findTool('haproxy');
  const folder = await makeScratchFolder();
  const control = `${folder.path}/control`;
  const config = await folder.write('haproxy.cfg', formatConfig(control, relays));
  // -db: in the foreground, one process.
  const child: ChildProcess = spawn(program, ['-db', '-f', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text));
  const ended = once(child, 'exit');
  const servers = async () => readServers(await ask(control, 'show stat'));
  const deadlineMs = Date.now() + startTimeoutMs;
  while ((await servers().catch(() => [])).length < relays.length) {
    if (child.exitCode !== null || Date.now() > deadlineMs)
      throw new Error(`haproxy does not start:\n${output}`);
    await sleep(50);
  }
  return {
    servers,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await folder.remove();
    },
  };
}

function formatConfig(control: string, relays: readonly Relay[]): string {
  return [
    'global',
    `  stats socket ${control}`,
    'defaults',
    '  mode tcp',
    '  timeout connect 5s',
    '  timeout client 1h',
    '  timeout server 1h',
    ...relays.flatMap(({ name, listen, server, options }) => [
      `listen ${name}`,
      `  bind 127.0.0.1:${listen}`,
      `  server edge 127.0.0.1:${server} source ${haproxyAddress} ${options}`,
    ]),
    '',
  ].join('\n');
}

async function ask(control: string, command: string): Promise<string> {
  const socket = connect(control);
  await once(socket, 'connect');
  socket.end(`${command}\n`);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

/** "# pxname,svname,…", then a line for each frontend, server and backend. */
function readServers(table: string): CheckedServer[] {
  const [head = '', ...lines] = table.trim().split('\n');
  const names = head.replace(/^# /, '').split(',');
  return lines
    .map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index], value])))
    .filter((row) => row.svname === 'edge')
    .map((row) => ({
      name: row.pxname ?? '',
      status: row.status ?? '',
      lastCheck: (row.check_status ?? '').replace('* ', ''),
      failedChecks: Number(row.chkfail),
    }));
}
