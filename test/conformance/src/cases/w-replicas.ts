import { SipAgent } from '@rollcall/testkit';
import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { lookUp } from '../looking-up.ts';
import { formatRegister, freshCallId, nextFinal, pause, registered, urisOf } from '../registering.ts';
import { domain } from '../test-users.ts';

const shortestExpirySec = 60;
const atOnce = 100;

/** Sends so many REGISTERs of one Call-ID out of order, by all agents at once; gives the statuses by CSeq. */
async function shuffle(
  target: ConformanceTarget,
  agents: readonly SipAgent[],
): Promise<{ readonly statuses: ReadonlyMap<number, number>; readonly aor: string }> {
  const user = target.freshUser();
  const callId = freshCallId();
  const contact = '<sip:phone@192.0.2.1>';
  const texts: { readonly agent: SipAgent; readonly text: string }[] = [];
  for (let cseq = 1; cseq <= atOnce; cseq += 1) {
    const agent = agents[cseq % agents.length];
    if (agent !== undefined)
      texts.push({ agent, text: await formatRegister(agent, user, { callId, cseq, contact }) });
  }
  // 37 and 100 have no common divisor: every CSeq comes once, and neighbours are far apart.
  for (let step = 0; step < atOnce; step += 1) {
    const next = texts[(step * 37 + 11) % atOnce];
    if (next !== undefined) await next.agent.sendText(next.text);
  }
  const statuses = new Map<number, number>();
  for (const { agent } of texts) {
    const { cseq, status } = await nextFinal(agent);
    statuses.set(cseq.sequence, status);
  }
  return { statuses, aor: user.aor };
}

/**
 * The highest CSeq is what stays. Where `mayBeLate`, a store that writes to its disk each time may answer some of the
 * hundred with 503: then whatever was acknowledged is not undone, and a later REGISTER goes through.
 */
async function expectHighest(
  target: ConformanceTarget,
  agents: readonly SipAgent[],
  mayBeLate: boolean,
): Promise<void> {
  const { statuses, aor } = await shuffle(target, agents);
  expectEqual(statuses.size, atOnce, 'number of answers');
  const allowed = mayBeLate ? [200, 500, 503] : [200, 500];
  expectTrue(
    [...statuses.values()].every((status) => allowed.includes(status)),
    `${allowed.join(' or ')}: received ${[...new Set(statuses.values())].join(', ')}`,
  );
  const acknowledged = [...statuses].flatMap(([cseq, status]) => (status === 200 ? [cseq] : []));
  const highest = Math.max(...acknowledged);
  if (statuses.get(atOnce) !== 503) expectEqual(highest, atOnce, 'highest CSeq that got 200');
  const bound = (await lookUp(target, aor)).map(({ cseq }) => cseq);
  expectEqual(bound.length, 1, 'number of bindings');
  expectTrue((bound[0] ?? 0) >= highest, `what is bound is CSeq ${highest} or above: received ${bound[0]}`);
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'CN1',
    slow: true,
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const sentAtMs = performance.now();
      await registered(agent, user, { headers: [`Expires: ${shortestExpirySec}`] });
      const answeredAtMs = performance.now();
      const untilMs = (atMs: number) => pause(Math.max(0, atMs - performance.now()));
      await untilMs(sentAtMs + (shortestExpirySec - 1) * 1000);
      const before = await lookUp(target, user.aor);
      const inTime = performance.now() < sentAtMs + shortestExpirySec * 1000;
      expectTrue(inTime, 'a machine that answers within a second');
      expectEqual(before.length, 1, 'number of bindings a second before the end');
      await untilMs(answeredAtMs + (shortestExpirySec + 1) * 1000);
      expectEqual((await lookUp(target, user.aor)).length, 0, 'number of bindings a second after the end');
      expectStatus(await agent.request({ method: 'INVITE', uri: user.aor }), 480);
    },
  },
  {
    row: 'CN2',
    title: 'through one edge',
    run: (target) => expectHighest(target, [target.agent()], target.kind === 'services'),
  },
  {
    row: 'CN2',
    title: 'through two edges',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      await using second = new SipAgent({ transport: 'udp', server: lab.secondSip });
      await expectHighest(lab, [lab.agent(), second], true);
    },
  },
  {
    row: 'CN3',
    title: 'registrar, location and auth, under load',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const agent = lab.agent();
      for (const part of ['registrar', 'location', 'auth'] as const) {
        const acknowledged: string[] = [];
        const load = { on: true };
        const phones = (async () => {
          while (load.on) {
            const user = lab.freshUser();
            const { aor, password } = user;
            const answer = await agent.register({ aor, password, retransmits: true });
            if (answer.status === 200) acknowledged.push(aor);
            // What phones are told while a part is away: later. Anything else would make them give up.
            else expectStatus(answer, 503);
            await pause(100);
          }
        })();
        await pause(500);
        await lab.restart(part);
        await pause(1500);
        load.on = false;
        await phones;
        expectTrue(acknowledged.length > 0, `registrations while ${part} was restarted`);
        for (const aor of acknowledged)
          expectEqual((await lookUp(lab, aor)).length, 1, `bindings of ${aor} after ${part} was restarted`);
      }
    },
  },
  {
    row: 'CN4',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user, other] = [lab.agent(), lab.freshUser(), lab.freshUser()];
      await registered(agent, user, { contact: '<sip:phone@192.0.2.1>' });
      const ready = await formatRegister(agent, other);
      const revive = await lab.killRedis();
      const startedAtMs = performance.now();
      await agent.sendText(ready);
      const refused = await nextFinal(agent);
      expectStatus(refused, 503);
      expectTrue(performance.now() - startedAtMs < 1500, 'an answer within about a second');
      expectTrue(Number(refused.row('retry-after')) > 0, 'Retry-After');
      expectStatus(await agent.request({ method: 'INVITE', uri: user.aor }), 503, 500);
      await revive();
      const found = await untilFound(agent, user.aor);
      expectEqual(found, ['sip:phone@192.0.2.1'], 'contacts after Redis came back');
    },
  },
  {
    row: 'CN5',
    title: 'a part that does not answer',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      for (const part of ['registrar', 'location'] as const) {
        const [agent, user] = [lab.agent(), lab.freshUser()];
        const text = await formatRegister(agent, user);
        const release = lab.hold(part);
        const startedAtMs = performance.now();
        await agent.sendText(text);
        const answer = await nextFinal(agent);
        release();
        expectStatus(answer, 503, 500);
        expectTrue(performance.now() - startedAtMs < 1500, `an answer within about a second without ${part}`);
      }
      const [agent, user] = [lab.agent(), lab.freshUser()];
      const release = lab.hold('redirect');
      expectStatus(await agent.request({ method: 'INVITE', uri: user.aor }), 503, 500);
      release();
    },
  },
  {
    row: 'CN6',
    slow: true,
    run: async (shared) => {
      // Whoever comes from this machine needs no credentials: not all of these names could be written in a header.
      const names = [
        'a\\r\\nDEL',
        'alice',
        'alice}',
        '{alice}',
        'alice*',
        'alice:1',
        'a\\0b',
        'a',
        'rc:{0}:b',
      ];
      const lines = names.map(
        (name) => `- { username: "${name}", domain: ${domain}, networks: [127.0.0.1] }`,
      );
      const target = await shared.startOwn({ kind: 'services', subscribers: `${lines.join('\n')}\n` });
      const agent = target.agent();
      const aors = names.map(
        (name) => `sip:${escapeAll(JSON.parse(`"${name.replace('\\0', '\\u0000')}"`))}@${domain}`,
      );
      const send = (aor: string, headers: readonly string[]) =>
        agent.request({
          method: 'REGISTER',
          uri: `sip:${domain}`,
          from: aor,
          to: aor,
          callId: freshCallId(),
          headers,
        });
      for (const [index, aor] of aors.entries()) {
        const contact = `<sip:${escapeAll('}*:\r\n\0')}${index}@192.0.2.1>`;
        expectStatus(await send(aor, [`Contact: ${contact}`]), 200);
      }
      for (const [index, aor] of aors.entries()) {
        const bound = urisOf(await send(aor, []));
        expectEqual(bound, [`sip:${escapeAll('}*:\r\n\0')}${index}@192.0.2.1`], `bindings of ${aor}`);
      }
      expectStatus(await send(aors[2] ?? '', ['Contact: *', 'Expires: 0']), 200);
      expectEqual(
        urisOf(await send(aors[1] ?? '', [])).length,
        1,
        'bindings of alice once those of alice} are gone',
      );
    },
  },
];

function escapeAll(text: string): string {
  return [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
}

/** Contacts of a 302, asked for until there is one. */
async function untilFound(agent: SipAgent, aor: string): Promise<readonly string[]> {
  for (;;) {
    const answer = await agent.request({ method: 'INVITE', uri: aor });
    if (answer.status === 302) return urisOf(answer);
    // Nobody who is registered may be called unknown, or absent, because a store is away.
    expectStatus(answer, 503, 500);
    await pause(200);
  }
}
