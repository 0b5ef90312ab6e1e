import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import { fetchBindings, formatRegister, freshCallId } from '../registering.ts';

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
      const phones = Array.from({ length: 50 }, (_, index) => ({
        agent: lab.agent(),
        contact: `<sip:p${index}@192.0.2.1>`,
        edge: index % 2 === 0 ? lab.sip : lab.secondSip,
      }));
      // What was refused as too much at once (503) is sent again, as a phone would after Retry-After, in a new request.
      let due = phones;
      for (let round = 0; due.length > 0; round += 1) {
        expectTrue(round < 5, `${due.length} of 50 are still refused after ${round} rounds`);
        const sent = await Promise.all(
          due.map(async (phone) => {
            const { agent, contact } = phone;
            const text = await formatRegister(agent, user, { contact, callId: freshCallId() });
            return { phone, text, socket: await lab.rawUdp() };
          }),
        );
        for (const { phone, text, socket } of sent) socket.send(text, phone.edge);
        const refused: typeof phones = [];
        for (const { phone, socket } of sent) {
          const { text } = await socket.next(10_000);
          expectMatch(text, /^SIP\/2\.0 (200|503) /, 'answer');
          if (text.startsWith('SIP/2.0 503')) {
            expectMatch(text, /\r\nRetry-After: \d/, 'refusal');
            refused.push(phone);
          }
        }
        due = refused;
      }
      const uris = (await fetchBindings(lab.agent(), user)).map(({ uri }) => `<${uri}>`);
      expectEqual(uris.toSorted(), phones.map(({ contact }) => contact).toSorted(), 'bindings');
    },
  },
];
