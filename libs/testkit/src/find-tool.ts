import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Programs that nobody here wrote: SIP clients, what reads our metrics, rules and packets, and what draws our pages. */
export type Tool =
  | 'sipp'
  | 'baresip'
  | 'linphonec'
  | 'promtool'
  | 'prometheus'
  | 'tshark'
  | 'sngrep'
  | 'haproxy'
  | 'chromium';

/** What decides how a tool can be had; for tests of this file. */
export interface Machine {
  /** Folders searched, separated as in PATH. */
  readonly path: string;
  /** Whether apt-get installs packages here. */
  readonly isDebian: boolean;
  readonly isRoot: boolean;
  /** Told what is being done, one line each. */
  readonly report: (line: string) => void;
}

const debianPackages: Readonly<Record<Tool, string>> = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  linphonec: 'linphone-cli',
  promtool: 'prometheus',
  prometheus: 'prometheus',
  tshark: 'tshark',
  sngrep: 'sngrep',
  haproxy: 'haproxy',
  chromium: 'chromium',
};
const homebrewFormulas: Readonly<Partial<Record<Tool, string>>> = {
  sipp: 'sipp',
  baresip: 'baresip',
  promtool: 'prometheus',
  prometheus: 'prometheus',
  tshark: 'wireshark',
  sngrep: 'sngrep',
  haproxy: 'haproxy',
  chromium: 'chromium',
};

const run = promisify(execFile);
/** A mirror that gives less than a few packages in this time gives none. */
const installTimeoutMs = 170_000;
/** Another run on this machine may be installing: wait for its lock rather than fail. */
const lockTimeoutSec = 120;

/**
 * Finds a tool's program: on PATH, else installed by apt-get where that is possible (Debian, root).
 *
 * @returns its absolute path
 * @throws Error that names the one command that helps. A test never goes without its tool.
 */
export async function findTool(tool: Tool, machine: Machine = thisMachine()): Promise<string> {
  const found = findOnPath(tool, machine.path);
  if (found !== undefined) return found;
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', debianPackages[tool]];
  if (!machine.isDebian) {
    const formula = homebrewFormulas[tool];
    const how =
      formula === undefined
        ? `build it (Debian has it in ${debianPackages[tool]})`
        : `brew install ${formula}`;
    throw new Error(`${tool} is not on PATH; install it, for example with: ${how}`);
  }
  if (!machine.isRoot) throw new Error(`${tool} is not on PATH; install it with: sudo ${command.join(' ')}`);

  machine.report(`${tool} is not on PATH: installing ${debianPackages[tool]} with apt-get …`);
  const env = { PATH: machine.path, DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', `DPkg::Lock::Timeout=${lockTimeoutSec}`];
  try {
    await run('apt-get', [...lock, 'update', '-qq'], { env, timeout: installTimeoutMs });
    await run('apt-get', [...lock, ...command.slice(1)], { env, timeout: installTimeoutMs });
  } catch (cause) {
    throw new Error(`${tool} could not be installed; see what this says: ${command.join(' ')}`, { cause });
  }
  const installed = findOnPath(tool, machine.path);
  if (installed === undefined) {
    throw new Error(`${debianPackages[tool]} was installed, but ${tool} is not on PATH: ${machine.path}`);
  }
  machine.report(`${tool} installed: ${installed}`);
  return installed;
}

function thisMachine(): Machine {
  return {
    path: process.env.PATH ?? '',
    isDebian: existsSync('/etc/debian_version'),
    isRoot: process.getuid?.() === 0,
    report: (line) => process.stderr.write(`${line}\n`),
  };
}

function findOnPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
