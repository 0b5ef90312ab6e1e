/**
 * `npm run auth:timing`: whether time tells who exists. Wrong credentials are sent over UDP, for users that exist and for
 * users that do not, one after the other in random order; the times until the 401 are compared, and so are its bytes.
 *
 *   --services    five processes with Redis instead of standalone
 *   --rounds N    so many answers of each kind; default 5000
 *   --json        the figures as JSON
 */
import { readScriptOptions, wholeOption } from '@rollcall/testkit';
import { type Guess, openGuesser } from './guesser.ts';
import { startProduct } from './product.ts';
import { compareSamples, quantile } from './two-samples.ts';

const values = readScriptOptions({
  options: {
    services: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5000' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = wholeOption('rounds', values.rounds, 10);

/** So many names of each kind, by turns: what is touched as often is as near in the processor's caches. */
const namesOfEach = 200;
/** Not in the order of the file: what lies side by side in memory is fetched ahead, and no guesser knows what does. */
const nameAt = (turn: number) => (turn * 73) % namesOfEach;

/** The suite's product knows user1 to user600. All names have seven characters. */
const kinds = {
  registered: {
    meaning: 'exists, and is registered',
    name: (turn: number) => `user${100 + nameAt(turn)}`,
  },
  known: { meaning: 'exists', name: (turn: number) => `user${300 + nameAt(turn)}` },
  unknown: { meaning: 'does not exist', name: (turn: number) => `user${700 + nameAt(turn)}` },
};
type Kind = keyof typeof kinds;
const names = Object.keys(kinds) as Kind[];

const product = await startProduct(values.services ? 'services' : 'standalone');
const guesser = await openGuesser(product.sip);
const times: Record<Kind, number[]> = { registered: [], known: [], unknown: [] };
const texts = new Set<string>();
try {
  for (let turn = 0; turn < namesOfEach; turn += 1) await guesser.register(kinds.registered.name(turn));
  const warmUp = Math.max(100, rounds / 10);
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const kind of shuffled(names)) {
      const guess: Guess = await guesser.guess(kinds[kind].name(Math.abs(round)));
      if (round < 0) continue;
      times[kind].push(guess.tookMicros);
      texts.add(guess.text);
    }
    if (round % 1000 === 0) console.error(`${Math.max(round, 0)} of ${rounds} rounds …`);
  }
} finally {
  await guesser.close();
  await product.stop();
}

const halves: [number[], number[]] = [[], []];
for (const time of times.known) halves[Math.random() < 0.5 ? 0 : 1].push(time);
const differences = {
  'exists, does not exist': compareSamples(times.known, times.unknown),
  'registered, does not exist': compareSamples(times.registered, times.unknown),
  'exists, exists (split by chance)': compareSamples(...halves),
};
const shares = [0.1, 0.5, 0.9, 0.99];
const rows = names.map((kind) => [
  kinds[kind].meaning,
  ...shares.map((share) => quantile(times[kind], share).toFixed(0)),
]);
if (values.json) {
  console.log(
    JSON.stringify({ rounds, differentAnswers: texts.size, quantiles: rows, differences }, null, 2),
  );
} else {
  const say = (cells: readonly string[]) =>
    console.log(cells.map((cell, at) => (at === 0 ? cell.padEnd(34) : cell.padStart(12))).join(''));
  say(['µs until the 401, the user …', 'p10', 'median', 'p90', 'p99']);
  for (const row of rows) say(row);
  console.log();
  say(['between', 'KS', 'by chance', 'P(longer)']);
  for (const [between, { ks, ksByChance, secondLarger }] of Object.entries(differences))
    say([between, ks.toFixed(4), ksByChance.toFixed(4), secondLarger.toFixed(4)]);
  console.log(
    `\n${rounds} answers of each kind; ${texts.size === 1 ? 'all have the same bytes' : `${texts.size} different ones`} but for nonce, tag and what the request gave`,
  );
}
if (texts.size !== 1) process.exitCode = 1;

/** Each order as probable as any other: what comes after what must not be the kind's. */
function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }));
  return keyed.toSorted((one, other) => one.key - other.key).map(({ item }) => item);
}
