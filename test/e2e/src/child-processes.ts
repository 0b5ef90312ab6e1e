import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** Process ids of a process's children and theirs. */
export async function findDescendants(pid: number): Promise<number[]> {
  const all = existsSync('/proc/self/stat') ? listFromProc() : await listFromPs();
  const found = [pid];
  for (const parent of found) {
    for (const [child, itsParent] of all) if (itsParent === parent) found.push(child);
  }
  return found.slice(1);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

type ProcessAndParent = readonly [number, number];

/** Linux: a bare image has no ps. */
function listFromProc(): ProcessAndParent[] {
  return globSync('/proc/[0-9]*/stat').flatMap((file) => {
    try {
      // "pid (name) state ppid …"; the name may hold anything.
      const text = readFileSync(file, 'latin1');
      const ppid = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
      return [[Number.parseInt(text, 10), ppid] as const];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

async function listFromPs(): Promise<ProcessAndParent[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = 0, ppid = 0] = line.trim().split(/\s+/).map(Number);
      return [pid, ppid] as const;
    });
}
