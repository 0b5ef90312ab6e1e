import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of /proc: USER_HZ is 100 on every Linux that Node runs on. */
const tickUs = 10_000;

/** Processor time of a process and all its descendants; exact to some 10 ms for each of them. */
export function readCpuUs(root: number): number {
  let ticks = 0;
  for (const pid of processTree(root)) {
    const fields = readStat(pid);
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks * tickUs;
}

/** Memory of a process and all its descendants; pages that they share count once. */
export function readMemoryBytes(root: number): number {
  let kibibytes = 0;
  for (const pid of processTree(root)) {
    try {
      kibibytes += Number(
        /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0,
      );
    } catch {
      // It ended in between.
    }
  }
  return kibibytes * 1024;
}

function processTree(root: number): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(readStat(pid)[1]);
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/** The fields of /proc/<pid>/stat after the name: state, parent, …; none where it has ended. */
function readStat(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
