import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import {
  exchange,
  expectSilence,
  fetchBindings,
  fetchContacts,
  formatRegister,
  freshCallId,
  nextFinal,
  nextFinalText,
  pause,
  registered,
} from '../registering.ts';

/** A REGISTER without credentials: each execution gives another nonce, so that equal answers are one execution's. */
async function bareRegister(target: ConformanceTarget, transport: 'udp' | 'tcp' = 'udp') {
  const [agent, user] = [target.agent(transport), target.freshUser()];
  const text = await agent.format({ method: 'REGISTER', uri: 'sip:example.com', to: user.aor });
  const send = async (changed = text) => {
    await agent.sendText(changed);
    return agent.nextText();
  };
  return { agent, user, text, send };
}

/** An INVITE to a registered user, sent; and its ACK. */
async function invite(target: ConformanceTarget, transport: 'udp' | 'tcp' = 'udp') {
  const [agent, user] = [target.agent(transport), target.freshUser()];
  await registered(agent, user);
  const same = { uri: user.aor, callId: freshCallId(), cseq: 11, branch: `z9hG4bKinvite${user.username}` };
  const text = await agent.format({ ...same, method: 'INVITE' });
  const ack = async (final: string, branch = same.branch) => {
    const to = /\r\nTo: ([^\r]*)/.exec(final)?.[1] ?? '';
    return (await agent.format({ ...same, method: 'ACK', branch })).replace(
      /\r\nTo: [^\r]*/,
      `\r\nTo: ${to}`,
    );
  };
  return { agent, user, text, ack };
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'T1',
    run: async (target) => {
      const { text, send } = await bareRegister(target);
      const first = await send();
      expectEqual(await send(), first, 'answer to the same bytes');
      const another = text.replace(/UDP 127\.0\.0\.1:\d+/, 'UDP 127.0.0.1:5099');
      expectTrue((await send(another)) !== first, 'another sent-by port is another transaction');
      const options = text.replaceAll('REGISTER', 'OPTIONS');
      expectMatch(await send(options), /^SIP\/2\.0 200 /, 'another method in the same branch');
    },
  },
  {
    row: 'T2',
    run: async (target) => {
      const { text, send } = await bareRegister(target);
      const old = text.replace(/branch=[^;]*/, 'branch=1');
      const first = await send(old);
      expectMatch(first, /^SIP\/2\.0 401 /, 'answer');
      expectEqual(await send(old), first, 'answer to the same bytes');
      const next = old.replace(/\r\nCSeq: (\d+)/, '\r\nCSeq: 9$1');
      expectTrue((await send(next)) !== first, 'another CSeq is another transaction');
    },
  },
  {
    row: 'T3',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user] = [lab.agent(), lab.freshUser()];
      const text = await formatRegister(agent, user, { contact: '<sip:once@192.0.2.1>' });
      const release = lab.hold('registrar');
      for (let copy = 0; copy < 3; copy += 1) {
        await agent.sendText(text);
        // Well within the time in which the registrar must answer, on a busy machine too.
        await pause(30);
      }
      await release();
      const answer = await agent.nextText();
      expectMatch(answer, /^SIP\/2\.0 200 /, 'answer');
      await expectSilence(agent, 500);
      await agent.sendText(text);
      expectEqual(await agent.nextText(), answer, 'answer to a late copy');
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'T4',
    slow: true,
    run: async (target) => {
      const { send } = await bareRegister(target);
      const first = await send();
      await pause(1000);
      expectEqual(await send(), first, 'after 1 s');
      await pause(30_000);
      expectEqual(await send(), first, 'after 31 s');
      await pause(2500);
      const last = await send();
      expectMatch(last, /^SIP\/2\.0 401 /, 'after 33.5 s');
      expectTrue(last !== first, 'after 33.5 s it is a new transaction');
    },
  },
  {
    row: 'T4',
    title: 'answer to a REGISTER that was accepted',
    slow: true,
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user);
      await agent.sendText(text);
      const first = await agent.nextText();
      expectMatch(first, /^SIP\/2\.0 200 /, 'answer');
      await pause(31_000);
      await agent.sendText(text);
      expectEqual(await agent.nextText(), first, 'after 31 s');
    },
  },
  {
    row: 'T4',
    title: 'nothing is kept for streams',
    run: async (target) => {
      const { send } = await bareRegister(target, 'tcp');
      const first = await send();
      expectTrue((await send()) !== first, 'the same bytes again are a new transaction');
    },
  },
  {
    row: 'T5',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user, { contact: '<sip:twice@192.0.2.1>' });
      await Promise.all([agent.sendText(text), agent.sendText(text)]);
      expectStatus(await nextFinal(agent), 200);
      await agent.sendText(text);
      expectStatus(await nextFinal(agent), 200);
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'T6',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, socket, user] = [lab.agent(), await lab.rawUdp(), lab.freshUser()];
      const text = await formatRegister(agent, user, {
        contact: '<sip:both@192.0.2.1>',
        edit: (each) => each.replace(/UDP [^;]*/, `UDP 127.0.0.1:${socket.local.port}`),
      });
      for (const edge of [lab.sip, lab.secondSip, lab.sip, lab.secondSip]) {
        socket.send(text, edge);
        const { text: answer, from } = await socket.next();
        expectEqual([answer.slice(0, 12), from.port], ['SIP/2.0 200 ', edge.port], 'answer and its edge');
      }
      expectEqual((await fetchBindings(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'T7',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const { agent, text } = await invite(lab);
      const release = lab.hold('redirect');
      const startedAtMs = performance.now();
      await agent.sendText(text.replace('\r\nMax-Forwards', '\r\nTimestamp: 54\r\nMax-Forwards'));
      const trying = await agent.nextMessage(1000);
      const tookMs = performance.now() - startedAtMs;
      await release();
      expectTrue(trying.kind === 'response' && trying.status === 100, 'a 100');
      expectEqual(trying.row('timestamp'), '54', 'Timestamp');
      expectTrue(tookMs < 350, `100 after 200 ms, not ${Math.round(tookMs)} ms`);
      expectStatus(await nextFinal(agent), 302);
    },
  },
  {
    row: 'T8',
    slow: true,
    run: async (target) => {
      const { agent, text } = await invite(target);
      const startedAtMs = performance.now();
      await agent.sendText(text);
      const atSec: number[] = [];
      const first = await nextFinalText(agent);
      for (let next: string | undefined = first; next !== undefined; ) {
        expectEqual(next, first, 'each copy');
        atSec.push(Math.round((performance.now() - startedAtMs) / 100) / 10);
        next = await nextFinalText(agent, 6000).catch(() => undefined);
      }
      const shown = atSec.join(', ');
      expectTrue(Math.abs(atSec.length - 11) <= 1, `11 copies within 32 s, not ${atSec.length}: ${shown}`);
      expectTrue((atSec.at(-1) ?? 0) <= 32.5, `none after 32 s: ${shown}`);
      const gaps = atSec.slice(1).map((at, index) => at - (atSec[index] ?? 0));
      for (const [index, expected] of [0.5, 1, 2, 4, 4].entries())
        expectTrue(Math.abs((gaps[index] ?? 0) - expected) < 0.35, `0.5, 1, 2, 4, 4 … s apart: ${shown}`);
    },
  },
  {
    row: 'T8',
    title: 'one copy on a stream',
    run: async (target) => {
      const { agent, text } = await invite(target, 'tcp');
      expectStatus(await exchange(agent, text), 302);
      await expectSilence(agent, 2500);
    },
  },
  {
    row: 'T9',
    run: async (target) => {
      const { agent, text, ack } = await invite(target);
      await agent.sendText(text);
      const final = await nextFinalText(agent);
      for (let copy = 0; copy < 3; copy += 1) await agent.sendText(await ack(final));
      await expectSilence(agent, 2500);
    },
  },
  {
    row: 'T10',
    title: 'completed and confirmed',
    run: async (target) => {
      const { agent, text, ack } = await invite(target);
      await agent.sendText(text);
      const final = await nextFinalText(agent);
      await agent.sendText(text);
      expectEqual(await nextFinalText(agent), final, 'answer in Completed');
      await agent.sendText(await ack(final));
      await agent.sendText(text);
      await expectSilence(agent, 2000);
    },
  },
  {
    row: 'T10',
    title: 'proceeding',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const { agent, text } = await invite(lab);
      const release = lab.hold('redirect');
      await agent.sendText(text);
      const trying = await agent.nextText(1000);
      expectMatch(trying, /^SIP\/2\.0 100 /, 'answer');
      await agent.sendText(text);
      expectEqual(await agent.nextText(300), trying, 'answer in Proceeding');
      await release();
      expectStatus(await nextFinal(agent), 302);
    },
  },
  {
    row: 'T11',
    run: async (target) => {
      const { agent, text, ack } = await invite(target);
      await agent.sendText(text);
      const final = await nextFinalText(agent);
      await agent.sendText(await ack(final, 'z9hG4bKanother'));
      for (let copy = 0; copy < 2; copy += 1)
        expectEqual(await nextFinalText(agent, 2000), final, 'Timer G goes on');
    },
  },
  {
    row: 'T13',
    run: async (target) => {
      const [agent, user, tcp] = [target.agent(), target.freshUser(), await target.rawTcp()];
      const text = await formatRegister(agent, user, {
        contact: '<sip:gone@192.0.2.1>',
        edit: (each) => each.replace('SIP/2.0/UDP', 'SIP/2.0/TCP'),
      });
      tcp.send(text);
      // The bytes are with the kernel, the end follows them.
      await pause(0);
      await tcp.close();
      await expectSilence(agent, 500);
      const bindings = await fetchContacts(agent, user);
      expectEqual(bindings.length, 1, 'number of bindings');
    },
  },
];
