/**
 * Coverage-guided fuzzing: npm run fuzz -w libs/sip [-- seconds [seed]] [-- --save]
 *
 * Inputs that reach blocks of the sources which no input reached before, or reach them far more often, become parents of
 * further inputs. Whatever throws out of exercise.ts, or takes a second, is a finding: it is written to crashers/, from
 * where the unit tests replay it, and the exit code is 1. With --save few inputs that together reach everything reached
 * become the corpus.
 */
import { Coverage } from './coverage.ts';
import { exercise } from './exercise.ts';
import { crashersFolder, readSeeds, replaceCorpus, saveInput } from './inputs.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';

const slowMs = 1_000;
const mostFindings = 20;

const numbers = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const seconds = Number(numbers[0] ?? 60);
const seed = Number(numbers[1] ?? (performance.timeOrigin % 1_000_000_007) | 0);
const save = process.argv.includes('--save');
const random = new Random(seed);
const coverage = new Coverage();

interface Parent {
  readonly bytes: Buffer;
  readonly blocks: readonly string[];
}

const reached = new Set<string>();
const parents: Parent[] = [];
const findings = new Set<string>();

function runOne(bytes: Buffer): void {
  const startedAt = performance.now();
  try {
    exercise(bytes);
    if (performance.now() - startedAt > slowMs) report(bytes, `took more than ${slowMs} ms`);
  } catch (error) {
    report(bytes, error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error));
  }
  const blocks = coverage.take();
  const grown = blocks.some((block) => !reached.has(block));
  if (!grown) return;
  for (const block of blocks) reached.add(block);
  parents.push({ bytes, blocks });
}

function report(bytes: Buffer, what: string): void {
  const kind = what.split('\n').slice(0, 4).join('\n');
  if (findings.has(kind)) return;
  findings.add(kind);
  console.error(
    `finding ${saveInput(crashersFolder, bytes)}: ${what}\n${JSON.stringify(bytes.toString('latin1'))}\n`,
  );
}

/** Few inputs that together reach every function's every branch, however often: those that reach most first. */
function fewestInputs(): Buffer[] {
  const covered = new Set<string>();
  const kept: Buffer[] = [];
  for (const { bytes, blocks } of parents.toSorted((a, b) => b.blocks.length - a.blocks.length)) {
    // A block's end moves with the counts of its neighbours; where it starts does not.
    const places = blocks.map((block) => block.slice(0, block.indexOf('-')));
    if (places.every((place) => covered.has(place))) continue;
    for (const place of places) covered.add(place);
    kept.push(bytes);
  }
  return kept;
}

const seeds = readSeeds();
for (const bytes of seeds) runOne(bytes);
console.log(`seed ${seed}; ${seeds.length} seeds reach ${reached.size} blocks; running for ${seconds} s`);

const endsAt = performance.now() + seconds * 1_000;
let runs = 0;
let nextLineAt = performance.now() + 10_000;
while (performance.now() < endsAt && findings.size < mostFindings) {
  // Half of the time one of the youngest: what reached something new is likely to reach more.
  const youngest = Math.min(parents.length, 16);
  const from = random.below(2) === 0 ? parents.length - youngest : 0;
  const parent = parents[from + random.below(parents.length - from)];
  const { bytes } = parent ?? { bytes: Buffer.alloc(0) };
  runOne(mutate(bytes, random, random.pick(parents).bytes));
  runs += 1;
  if (performance.now() > nextLineAt) {
    console.log(
      `${runs} inputs, ${parents.length} parents, ${reached.size} blocks, ${findings.size} findings`,
    );
    nextLineAt += 10_000;
  }
}
console.log(`${runs} inputs, ${parents.length} parents, ${reached.size} blocks, ${findings.size} findings`);
if (save) {
  const corpus = fewestInputs();
  replaceCorpus(corpus);
  console.log(`corpus: ${corpus.length} inputs`);
}
process.exitCode = findings.size > 0 ? 1 : 0;
