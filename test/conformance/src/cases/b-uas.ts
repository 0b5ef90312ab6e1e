import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import {
  exchange,
  expectSilence,
  fetchContacts,
  formatRegister,
  freshCallId,
  nextFinal,
  register,
  registered,
} from '../registering.ts';

const server = 'sip:example.com';

export const cases: readonly ConformanceCase[] = [
  {
    row: 'U1',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const headers = [`Contact: <sip:early@192.0.2.1>`, 'Require: zz'];
      for (const method of ['REGISTER', 'FOO', 'INFO', 'PUBLISH']) {
        const answer = await agent.request({ method, uri: server, to: user.aor, headers });
        expectStatus(answer, 401, 405, 420, 501);
      }
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'U2',
    run: async (target) => {
      const agent = target.agent();
      expectStatus(await agent.request({ method: 'BYE', uri: server }), 481);
      for (const method of ['INFO', 'PUBLISH', 'NOTIFY', 'REFER']) {
        const answer = await agent.request({ method, uri: server });
        expectStatus(answer, 405);
        const allowed = answer.values('allow');
        for (const each of ['REGISTER', 'OPTIONS', 'INVITE', 'ACK', 'CANCEL'])
          expectTrue(allowed.includes(each), `Allow lists ${each}: ${allowed.join(', ')}`);
        expectTrue(!allowed.includes(method), `Allow does not list ${method}`);
      }
    },
  },
  {
    row: 'U3',
    run: async (target) => {
      const answer = await target.agent().request({ method: 'FOO', uri: server });
      expectStatus(answer, 501);
      expectMatch(answer.row('allow'), /REGISTER/, 'Allow');
    },
  },
  {
    row: 'U4',
    run: async (target) => {
      expectStatus(await target.agent().request({ method: 'OPTIONS', uri: 'foo:bar' }), 416);
    },
  },
  {
    row: 'U5',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user] = [lab.agent(), lab.freshUser()];
      const release = lab.hold('redirect');
      const same = { method: 'INVITE', uri: user.aor, callId: freshCallId(), cseq: 7, fromTag: 'merged' };
      await agent.sendText(await agent.format({ ...same, branch: `z9hG4bKone${user.username}` }));
      await agent.sendText(await agent.format({ ...same, branch: `z9hG4bKtwo${user.username}` }));
      const answer = await nextFinal(agent);
      await release();
      expectStatus(answer, 482);
      expectEqual(answer.topVia.branch, `z9hG4bKtwo${user.username}`, 'branch of the refused copy');
    },
  },
  {
    row: 'U6',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await register(agent, user, { headers: ['Require: path, foo', 'Require: bar'] });
      expectStatus(answer, 420);
      expectEqual(answer.values('unsupported'), ['foo', 'bar'], 'Unsupported');
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'U6',
    title: 'not looked at in CANCEL and ACK',
    run: async (target) => {
      const agent = target.agent();
      const headers = ['Require: foo', 'Proxy-Require: bar'];
      expectStatus(await agent.request({ method: 'CANCEL', uri: 'sip:carol@example.com', headers }), 481);
      await agent.sendText(await agent.format({ method: 'ACK', uri: 'sip:carol@example.com', headers }));
      await expectSilence(agent, 400);
    },
  },
  {
    row: 'U7',
    title: 'encoded',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const gzip = ['Content-Type: application/sdp', 'Content-Encoding: gzip'];
      const answer = await register(agent, user, { body: '\x1f\x8b', headers: gzip });
      expectStatus(answer, 415);
      expectMatch(answer.row('accept-encoding'), /./, 'Accept-Encoding');
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
      const optional = [...gzip, 'Content-Disposition: render;handling=optional'];
      await registered(agent, user, { body: '\x1f\x8b', headers: optional });
    },
  },
  {
    row: 'U7',
    title: 'one coding of several is unknown',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const headers = ['Content-Type: application/sdp', 'Content-Encoding: identity', 'e: gzip'];
      expectStatus(await register(agent, user, { body: '\x1f\x8b', headers }), 415);
      expectStatus(await agent.request({ method: 'OPTIONS', uri: server, body: '\x1f\x8b', headers }), 415);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'U7',
    title: 'of S/MIME, or to be handled by all means',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const smime = ['Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m'];
      expectStatus(await register(agent, user, { body: 'x', headers: smime }), 493);
      const required = [
        'Content-Type: application/x-unheard-of',
        'Content-Disposition: render;handling=required',
      ];
      const answer = await register(agent, user, { body: 'x', headers: required });
      expectStatus(answer, 415);
      expectEqual(answer.rows('accept').length, 1, 'number of Accept rows');
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'U8',
    title: 'what is copied',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user, {
        edit: (each) =>
          each
            .replace(/From: <(.*)>/, 'From: "A , \\"B\\""  <$1>;x="y;z" ')
            .replace(
              /\r\nMax-Forwards/,
              '\r\nVia: SIP/2.0/TCP second.invalid;branch=z9hG4bKsecond\r\nMax-Forwards',
            ),
      });
      const answer = await exchange(agent, text);
      expectStatus(answer, 200);
      const sent = (name: string) => new RegExp(`\r\n${name}: ([^\r]*)`).exec(text)?.[1]?.trim();
      expectEqual(answer.row('from'), sent('From'), 'From');
      expectEqual(answer.row('call-id'), sent('Call-ID'), 'Call-ID');
      expectEqual(answer.row('cseq'), sent('CSeq'), 'CSeq');
      expectEqual(answer.rows('via')[1], 'SIP/2.0/TCP second.invalid;branch=z9hG4bKsecond', 'second Via');
      expectTrue(answer.row('to')?.startsWith(`${sent('To')};tag=`) === true, 'To with a tag added');
    },
  },
  {
    row: 'U8',
    title: 'one To tag for all copies',
    run: async (target) => {
      const agent = target.agent();
      const text = await agent.format({ method: 'OPTIONS', uri: server });
      const tags = [await exchange(agent, text), await exchange(agent, text)].map(({ to }) => to.tag);
      expectTrue(tags[0] !== undefined && tags[0].length >= 6, 'a To tag of enough randomness');
      expectEqual(tags[1], tags[0], 'To tag of the retransmission');
    },
  },
  {
    row: 'U8',
    title: 'a To tag of the request stays',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await register(agent, user, {
        edit: (text) => text.replace(/\r\nTo: ([^\r]*)/, '\r\nTo: $1;tag=theirs'),
      });
      expectStatus(answer, 200, 400);
      expectEqual(answer.row('to'), `<${user.aor}>;tag=theirs`, 'To');
    },
  },
  {
    row: 'U9',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user] = [lab.agent(), lab.freshUser()];
      const text = await formatRegister(agent, user);
      const release = lab.hold('location');
      await agent.sendText(text);
      const first = await agent.nextMessage(5000);
      expectTrue(first.kind === 'response' && first.status >= 200, 'no provisional response');
      expectTrue(first.kind === 'response' && first.status !== 408, 'no 408');
      await release();
      await expectSilence(agent, 3000);
    },
  },
  {
    row: 'U10',
    title: 'unknown',
    run: async (target) => {
      expectStatus(await target.agent().request({ method: 'CANCEL', uri: 'sip:carol@example.com' }), 481);
    },
  },
  {
    row: 'U10',
    title: 'of a request that is no INVITE',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user);
      const accepted = await exchange(agent, text);
      expectStatus(accepted, 200);
      const cancel = text.replace(/^REGISTER/, 'CANCEL').replace(/(\r\nCSeq: \d+) REGISTER/, '$1 CANCEL');
      const answer = await exchange(agent, cancel.replace(/\r\n(Contact|Authorization): [^\r]*/g, ''));
      expectStatus(answer, 200);
      expectEqual(answer.to.tag, accepted.to.tag, 'To tags');
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'U10',
    title: 'while the INVITE is under way',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user] = [lab.agent(), lab.freshUser()];
      await registered(agent, user);
      const release = lab.hold('redirect');
      const same = {
        uri: user.aor,
        callId: freshCallId(),
        cseq: 3,
        branch: `z9hG4bKcancel${user.username}`,
      };
      await agent.sendText(await agent.format({ ...same, method: 'INVITE' }));
      await agent.sendText(await agent.format({ ...same, method: 'CANCEL' }));
      const answers = [await nextFinal(agent), await nextFinal(agent)];
      await release();
      const of = (method: string) => answers.find(({ cseq }) => cseq.method === method);
      expectEqual([of('CANCEL')?.status, of('INVITE')?.status], [200, 487], 'answers to CANCEL and INVITE');
      expectEqual(of('CANCEL')?.to.tag, of('INVITE')?.to.tag, 'To tags');
    },
  },
  {
    row: 'U11',
    run: async (target) => {
      const agent = target.agent();
      await agent.sendText(await agent.format({ method: 'ACK', uri: 'sip:carol@example.com' }));
      await agent.sendText(
        (await agent.format({ method: 'ACK', uri: server })).replace(/\r\nFrom: [^\r]*/, ''),
      );
      await agent.sendText(await agent.format({ method: 'ACK', uri: 'foo:bar' }));
      await expectSilence(agent, 700);
    },
  },
  {
    row: 'U12',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user] = [lab.agent(), lab.freshUser()];
      await registered(agent, user);
      const text = await formatRegister(agent, user, { contact: '<sip:second@192.0.2.1>' });
      const revive = await lab.killRedis();
      const startedAtMs = performance.now();
      const answers = [await exchange(agent, text), await agent.request({ method: 'INVITE', uri: user.aor })];
      const tookMs = performance.now() - startedAtMs;
      await revive();
      for (const answer of answers) {
        expectStatus(answer, 500, 503);
        expectMatch(answer.row('retry-after'), /^[1-9]\d*/, 'Retry-After');
      }
      expectTrue(tookMs < 4000, `two answers within 2 s each, not ${Math.round(tookMs)} ms`);
    },
  },
  {
    row: 'U13',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [user, socket] = [lab.freshUser(), await lab.rawUdp()];
      const agent = lab.agent();
      const text = (await agent.format({ method: 'REGISTER', uri: server, to: user.aor })).replace(
        /UDP [^;]*/,
        `UDP 127.0.0.1:${socket.local.port}`,
      );
      const tags: (string | undefined)[] = [];
      for (const edge of [lab.sip, lab.secondSip]) {
        socket.send(text, edge);
        const { text: answer } = await socket.next();
        expectMatch(answer, /^SIP\/2\.0 401 /, 'answer');
        tags.push(/\r\nTo: [^\r]*;tag=([^\r;]*)/.exec(answer)?.[1]);
      }
      expectTrue(tags[0] !== undefined, 'a To tag');
      expectEqual(tags[1], tags[0], 'To tag of the second edge');
    },
  },
  {
    row: 'U14',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      for (const [method, uri] of [
        ['SUBSCRIBE', user.aor],
        ['INVITE', user.aor],
        ['BYE', server],
        ['MESSAGE', server],
      ] as const) {
        const text = (await agent.format({ method, uri })).replace(
          /\r\nTo: ([^\r]*)/,
          '\r\nTo: $1;tag=unknown',
        );
        expectStatus(await exchange(agent, text), 481);
      }
    },
  },
];
