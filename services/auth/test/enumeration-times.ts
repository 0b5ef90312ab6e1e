// Shows that time does not tell who exists: Verify of wrong passwords, for users that exist and users that do not,
// taken in turns. Run: npm run timing -w @rollcall/auth
import { answer, challengeOf, context, openAuth, verifyRequest } from './support.ts';

const rounds = 20_000;
const { auth } = await openAuth({ AUTH_LOCKOUT_FAILURES: '0' });
const challenge = await challengeOf(auth);
const cases = [
  { name: 'known user, wrong password', username: 'alice' },
  { name: 'unknown user', username: 'nobdy' },
] as const;
const requests = cases.map(({ username }) => verifyRequest(answer(challenge, username, 'guess')));
const times: number[][] = cases.map(() => []);

for (let round = -2000; round < rounds; round += 1) {
  if (round > 0 && round % 5000 === 0) process.stderr.write(`${round} of ${rounds} rounds …\n`);
  // The order alternates, so that neither case always follows the other's garbage.
  for (const turn of round % 2 === 0 ? [0, 1] : [1, 0]) {
    const request = requests[turn];
    if (request === undefined) continue;
    const startedAtMs = performance.now();
    await auth.calls.verify(request, context);
    if (round >= 0) times[turn]?.push((performance.now() - startedAtMs) * 1000);
  }
}
await auth.close();

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
console.log(['µs of a Verify'.padEnd(28), 'p5', 'p25', 'p50', 'p75', 'p95', 'p99'].join('\t'));
for (const [index, { name }] of cases.entries()) {
  const sorted = (times[index] ?? []).toSorted((a, b) => a - b);
  const row = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map((share) => at(sorted, share).toFixed(1));
  console.log([name.padEnd(28), ...row].join('\t'));
}
