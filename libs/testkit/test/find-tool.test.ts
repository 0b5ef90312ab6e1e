import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTool, type Machine } from '../src/index.ts';

let folder: string;
const lines: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-find-tool-'));
  lines.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A machine whose PATH holds what a test puts there, and nothing else. */
function machine(changes: Partial<Machine> = {}): Machine {
  return { path: folder, isDebian: true, isRoot: true, report: (line) => lines.push(line), ...changes };
}

function addProgram(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** An apt-get that writes down how it was called, and "installs" a program by making its file. */
function addAptGet(installs: string | undefined): void {
  const target = join(folder, installs ?? 'other');
  // With a PATH of one folder even chmod has to be named in full.
  addProgram(
    'apt-get',
    `echo "$@" >> ${folder}/calls\nlast=\nfor last; do :; done\n` +
      `[ "$last" = -qq ] || { echo '#!/bin/sh' > ${target}; /bin/chmod +x ${target}; }`,
  );
}

describe('findTool', () => {
  it('takes the program that is on PATH and installs nothing', async () => {
    addAptGet('sipp');
    const sipp = addProgram('sipp', 'exit 0');
    expect(await findTool('sipp', machine())).toBe(sipp);
    expect(lines).toEqual([]);
  });

  it('passes over a file that cannot be executed', async () => {
    writeFileSync(join(folder, 'sipp'), 'notes about sipp');
    await expect(findTool('sipp', machine({ isDebian: false }))).rejects.toThrow('brew install sipp');
  });

  it.each([
    ['sipp', 'sip-tester'],
    ['baresip', 'baresip-core'],
  ] as const)('installs %s from the Debian package %s, and says so', async (tool, debianPackage) => {
    addAptGet(tool);
    expect(await findTool(tool, machine())).toBe(join(folder, tool));
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatch(/update -qq$/);
    expect(calls[1]).toContain(`install -y --no-install-recommends ${debianPackage}`);
    expect(lines[0]).toContain(`installing ${debianPackage} with apt-get`);
  });

  it('names the one command where it may not install', async () => {
    await expect(findTool('baresip', machine({ isRoot: false }))).rejects.toThrow(
      'sudo apt-get install -y --no-install-recommends baresip-core',
    );
  });

  it('names the command where apt-get fails', async () => {
    addProgram('apt-get', 'echo "no network" >&2; exit 100');
    await expect(findTool('sipp', machine())).rejects.toThrow('apt-get install -y');
  });

  it('says so where the package holds no such program', async () => {
    addAptGet(undefined);
    await expect(findTool('sipp', machine())).rejects.toThrow('sipp is not on PATH');
  });
});
