import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findFreePort } from './free-ports.ts';
import { endServer, launchServer } from './redis-process.ts';

const installer = 'apt-get';
const help = `sudo ${installer} install -y postgresql`;
const installTimeoutMs = 180_000;

/** A PostgreSQL server that a test started. */
export interface RunningPostgres {
  /** postgres://… of an empty database, without the password. */
  readonly url: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it had. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** What a server asks of those who connect. */
export interface PostgresGuard {
  readonly password: string;
  /** PEM. With it nobody connects without TLS. */
  readonly cert: string;
  readonly key: string;
}

/**
 * Starts a PostgreSQL server of its own on a free port of 127.0.0.1, with its data in a temporary folder. Where this
 * machine has none, root on Debian installs it.
 *
 * @param guard what it asks for; without it anybody on this machine may connect
 * @throws Error with the command that helps, where there is none
 */
export async function startPostgres(guard?: PostgresGuard): Promise<RunningPostgres> {
  const programs = findPrograms() ?? install();
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-postgres-'));
  const data = join(folder, 'data');
  const owner = ownerOf(folder);
  const owned = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    owner.own(file);
    return file;
  };
  const initdb = ['--username=rollcall', '--encoding=UTF8', '--locale=C', '--no-sync', '--pgdata', data];
  if (guard === undefined) initdb.push('--auth=trust');
  else initdb.push('--auth=scram-sha-256', `--pwfile=${owned('password', guard.password)}`);
  const [as = 'env', ...asArguments] = owner.command;
  execFileSync(as, [...asArguments, join(programs, 'initdb'), ...initdb], { stdio: 'ignore', cwd: folder });
  const port = await findFreePort();
  const settings = {
    ...{ listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, fsync: 'off' },
    ...(guard !== undefined && {
      ...{
        ssl: 'on',
        ssl_cert_file: owned('cert.pem', guard.cert),
        ssl_key_file: owned('key.pem', guard.key),
      },
      hba_file: owned('hba.conf', 'hostssl all all 127.0.0.1/32 scram-sha-256\n'),
    }),
  };
  const server = [join(programs, 'postgres'), '-D', data];
  for (const [name, value] of Object.entries(settings)) server.push('-c', `${name}=${value}`);
  // It writes its log to stderr; all of these programs replace each other, so that the process is the server itself.
  const args = ['-c', 'exec "$0" "$@" 2>&1', as, ...asArguments, ...server];
  const launch = (): Promise<ChildProcess> => launchServer('sh', args, 'ready to accept connections');
  let child = await launch();
  return {
    url: `postgres://rollcall@127.0.0.1:${port}/postgres`,
    kill: () => endServer(child),
    restart: async () => {
      await endServer(child);
      child = await launch();
    },
    stop: async () => {
      await endServer(child);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** PostgreSQL refuses to run as root: the command that makes it somebody else, who then owns what it reads. */
function ownerOf(folder: string): { readonly command: readonly string[]; own(path: string): void } {
  if (process.getuid?.() !== 0) return { command: ['env'], own: () => {} };
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  const own = (path: string) => chownSync(path, uid, gid);
  own(folder);
  return { command: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'], own };
}

/** The folder of initdb and postgres; Debian keeps them off PATH, by version. */
function findPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).map((version) => join(debian, version, 'bin'))
    : [];
  const folders = [...versions.reverse(), ...(process.env.PATH ?? '').split(delimiter), '/opt/homebrew/bin'];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

function install(): string {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error(`no PostgreSQL server: run: ${help}`);
  }
  process.stderr.write('postgres: none here; installing it with apt-get, about a minute …\n');
  // RUNLEVEL=1 keeps the package from starting a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  let output = '';
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'postgresql']]) {
    output = spawnSync(installer, [...options, ...args], {
      env,
      encoding: 'utf8',
      timeout: installTimeoutMs,
    }).stderr;
  }
  const programs = findPrograms();
  if (programs === undefined)
    throw new Error(`no PostgreSQL server, and installing it failed; run: ${help}\n${output}`);
  return programs;
}
