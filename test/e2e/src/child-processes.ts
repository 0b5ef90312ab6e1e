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

/** Whether a process does anything still; one that only waits for its parent to notice its end does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || statOf(`/proc/${pid}/stat`).state !== 'Z';
  } catch {
    return false;
  }
}

type ProcessAndParent = readonly [number, number];

/** Linux: a bare image has no ps. */
function listFromProc(): ProcessAndParent[] {
  return globSync('/proc/[0-9]*/stat').flatMap((file) => {
    try {
      const { pid, ppid } = statOf(file);
      return [[pid, ppid] as const];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

function statOf(file: string): { pid: number; state: string; ppid: number } {
  // "pid (name) state ppid …"; the name may hold anything.
  const text = readFileSync(file, 'latin1');
  const [state = '', ppid] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { pid: Number.parseInt(text, 10), state, ppid: Number(ppid) };
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
