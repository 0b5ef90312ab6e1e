import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findTool } from '@rollcall/testkit';
import { LineLog } from './line-log.ts';
import { domain, type Phone } from './phones.ts';
import { makeScratchFolder } from './scratch-folder.ts';

/** What Linphone's command line is to be. */
export interface LinphoneOptions {
  readonly phone: Pick<Phone, 'user' | 'password'>;
  readonly server: { readonly host: string; readonly port: number };
  /** The UUID of its +sip.instance. */
  readonly uuid: string;
}

/** A running linphonec. It answers every call by itself. */
export interface Linphone {
  /** Asks it whether it is registered. */
  isRegistered(): Promise<boolean>;
  /** Ends it as its user would: it takes its binding away first. */
  quit(): Promise<void>;
}

/** How long it may think about a command. */
const answerTimeoutMs = 20_000;

/** Starts it on any port of this machine, with a home of its own. */
export async function startLinphone(options: LinphoneOptions): Promise<Linphone> {
  const program = await findTool('linphonec');
  const home = await makeScratchFolder();
  // It ends at once where it cannot make its files here, which it does not make folders for.
  await mkdir(join(home.path, '.local/share/linphone'), { recursive: true });
  const settings = await home.write('linphonerc', formatSettings(options));
  const log = new LineLog();
  const child: ChildProcess = spawn(program, ['-a', '-c', settings], {
    env: { PATH: process.env.PATH ?? '', HOME: home.path },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => log.add(line));
  }
  const ended = once(child, 'exit');
  return {
    isRegistered: async () => {
      const line = log.next((each) => each.startsWith('registered: '), 'registered:', answerTimeoutMs);
      child.stdin?.write('proxy list\n');
      return (await line) === 'registered: yes';
    },
    quit: async () => {
      child.stdin?.write('quit\n');
      await ended;
      await home.remove();
    },
  };
}

function formatSettings({ phone, server, uuid }: LinphoneOptions): string {
  return [
    '[sip]',
    // Any free port.
    'sip_port=-1',
    'sip_tcp_port=-1',
    'sip_tls_port=-1',
    'use_ipv6=0',
    '[storage]',
    'uri=null',
    '[misc]',
    `uuid=${uuid}`,
    '[auth_info_0]',
    `username=${phone.user}`,
    `passwd=${phone.password}`,
    `realm=${domain}`,
    `domain=${domain}`,
    '[proxy_0]',
    // The server is named by its address: the domain of the AOR is in no DNS.
    `reg_proxy=<sip:${server.host}:${server.port};transport=udp>`,
    `reg_identity=<sip:${phone.user}@${domain}>`,
    'reg_expires=600',
    'reg_sendregister=1',
    'publish=0',
    '',
  ].join('\n');
}
