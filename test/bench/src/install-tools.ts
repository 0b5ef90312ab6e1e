import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Programs that the benchmark runs beside Rollcall. */
export interface Tools {
  readonly kamailio: string;
  readonly redis: string;
  readonly sipp: string;
}

const wanted = {
  kamailio: { paths: ['/usr/sbin/kamailio', '/usr/local/sbin/kamailio'], debian: 'kamailio' },
  kamcmd: { paths: ['/usr/sbin/kamcmd', '/usr/local/sbin/kamcmd'], debian: 'kamailio' },
  dbRedis: {
    paths: ['/usr/lib/x86_64-linux-gnu/kamailio/modules/db_redis.so', ...otherModules()],
    debian: 'kamailio-redis-modules',
  },
  redis: { paths: ['/usr/bin/redis-server', '/usr/local/bin/redis-server'], debian: 'redis-server' },
  sipp: { paths: ['/usr/bin/sipp', '/usr/local/bin/sipp'], debian: 'sip-tester' },
} as const;

/**
 * Finds Kamailio with its Redis module, Redis and SIPp; installs what is missing with apt-get where that is possible.
 *
 * @throws Error with the one command that helps
 */
export function installTools(report: (line: string) => void): Tools {
  const missing = [
    ...new Set(Object.values(wanted).flatMap((each) => (find(each.paths) ? [] : [each.debian]))),
  ];
  if (missing.length > 0) install(missing, report);
  const need = (name: keyof typeof wanted) => {
    const found = find(wanted[name].paths);
    if (found === undefined)
      throw new Error(`${name} is not there, though ${wanted[name].debian} was installed`);
    return found;
  };
  need('kamcmd');
  need('dbRedis');
  return { kamailio: need('kamailio'), redis: need('redis'), sipp: need('sipp') };
}

function install(packages: readonly string[], report: (line: string) => void): void {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!existsSync('/etc/debian_version')) throw new Error(`missing: ${packages.join(', ')} (Debian's names)`);
  if (process.getuid?.() !== 0) throw new Error(`install what is missing with: sudo ${command}`);
  report(`installing ${packages.join(', ')} …`);
  // RUNLEVEL=1 keeps the packages from starting servers of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    execFileSync('apt-get', [...options, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

function find(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}

/** Where Debian keeps modules on other architectures. */
function otherModules(): string[] {
  return ['aarch64-linux-gnu', 'arm-linux-gnueabihf'].map(
    (triple) => `/usr/lib/${triple}/kamailio/modules/db_redis.so`,
  );
}
