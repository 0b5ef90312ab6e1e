import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

export const corpusFolder = new URL('corpus/', import.meta.url);
export const crashersFolder = new URL('crashers/', import.meta.url);
const tortureFolders = ['rfc4475/', 'rfc5118/'].map(
  (set) => new URL(`../../../test/data/${set}`, import.meta.url),
);

function readFolder(folder: URL): Buffer[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  return names.filter((name) => name !== 'README.md').map((name) => readFileSync(new URL(name, folder)));
}

/** What was found worth keeping by earlier runs, what ever failed, and the torture messages. */
export function readSeeds(): Buffer[] {
  return [corpusFolder, crashersFolder, ...tortureFolders].flatMap(readFolder);
}

export function readCrashers(): Buffer[] {
  return readFolder(crashersFolder);
}

/** Writes an input under the name of its content; returns the name. */
export function saveInput(folder: URL, bytes: Buffer): string {
  mkdirSync(folder, { recursive: true });
  const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.sip`;
  writeFileSync(new URL(name, folder), bytes);
  return name;
}

/** Puts these inputs, and nothing else, into the corpus. */
export function replaceCorpus(inputs: readonly Buffer[]): void {
  rmSync(corpusFolder, { recursive: true, force: true });
  for (const bytes of inputs) saveInput(corpusFolder, bytes);
}
