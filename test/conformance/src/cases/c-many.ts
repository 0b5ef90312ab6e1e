import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { expectSilence, fetchBindings, formatRegister, freshCallId } from '../registering.ts';

/** A generator of numbers from 0 up to 1 that gives the same sequence each time (xorshift). */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Replaces, removes or inserts a few bytes. */
function mutate(text: string, random: () => number): string {
  let mutated = text;
  const changes = 1 + Math.floor(random() * 4);
  for (let change = 0; change < changes; change += 1) {
    const at = Math.floor(random() * mutated.length);
    const char = String.fromCharCode(Math.floor(random() * 256));
    const removed = Math.floor(random() * 3);
    mutated = mutated.slice(0, at) + (random() < 0.5 ? char : '') + mutated.slice(at + removed);
  }
  return mutated;
}

const fuzzed = 10_000;
const perBurst = 100;
const methods = ['REGISTER', 'REGISTER', 'OPTIONS', 'INVITE', 'CANCEL', 'BYE', 'FOO'];

export const cases: readonly ConformanceCase[] = [
  {
    row: 'R10.3-0b',
    title: `${fuzzed} damaged requests`,
    slow: true,
    run: async (target) => {
      const [agent, user, socket] = [target.agent(), target.freshUser(), await target.rawUdp()];
      const random = makeRandom(0x5eed);
      const samples = [await formatRegister(agent, user)];
      for (const method of methods) samples.push(await agent.format({ method, uri: user.aor }));
      const statuses = new Map<number, number>();
      for (let sent = 0; sent < fuzzed; sent += perBurst) {
        for (let index = 0; index < perBurst; index += 1) {
          const sample = samples[Math.floor(random() * samples.length)] ?? '';
          const own = sample.replace(/branch=[^;]*/, `branch=z9hG4bKfuzz${sent + index}`);
          socket.send(mutate(own, random), target.sip);
        }
        // An answer to a good request says that the product has come to the end of the burst.
        expectStatus(await agent.request({ method: 'OPTIONS', uri: 'sip:example.com' }), 200);
        while (socket.unread > 0) {
          const { text } = await socket.next();
          const status = Number(/^SIP\/2\.0 (\d{3}) /.exec(text)?.[1]);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }
      const seen = [...statuses.keys()].toSorted((a, b) => a - b);
      expectTrue(
        seen.length > 3 && seen.every((status) => status >= 100 && status < 600),
        `no 6xx: ${seen.join(' ')}`,
      );
      expectEqual(statuses.get(500) ?? 0, 0, 'answers that say 500: bugs');
    },
  },
  {
    row: 'R10.3-0c',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const user = lab.freshUser();
      const phones = Array.from({ length: 50 }, () => lab.agent());
      const texts = await Promise.all(
        phones.map((phone, index) =>
          formatRegister(phone, user, { contact: `<sip:p${index}@192.0.2.1>`, callId: freshCallId() }),
        ),
      );
      const sockets = await Promise.all(texts.map(() => lab.rawUdp()));
      texts.forEach((text, index) => {
        const socket = sockets[index];
        const edge = index % 2 === 0 ? lab.sip : lab.secondSip;
        socket?.send(text, edge);
      });
      for (const socket of sockets) {
        const { text } = await socket.next(10_000);
        expectEqual(text.slice(0, 12), 'SIP/2.0 200 ', 'answer');
      }
      const agent = lab.agent();
      const uris = (await fetchBindings(agent, user)).map(({ uri }) => uri);
      expectEqual(new Set(uris).size, 50, 'number of bindings');
      await expectSilence(agent, 100);
    },
  },
];
