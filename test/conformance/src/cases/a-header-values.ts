import { decodeUtf8, encodeUtf8 } from '@rollcall/sip';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import {
  contactsOf,
  exchange,
  fetchBindings,
  fetchContacts,
  formatRegister,
  nextFinal,
  register,
  registered,
  urisOf,
} from '../registering.ts';

export const cases: readonly ConformanceCase[] = [
  {
    row: 'M4',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, {
        contact: '<sip:folded@192.0.2.1>\r\n\t;expires=\r\n   120',
        edit: (text) =>
          text.replace(/Authorization: (.*)\r\n/, (_, value: string) => {
            const parts = value.split(', ');
            expectTrue(parts.length > 4, 'credentials with more than four parameters');
            return `Authorization:\r\n ${parts.slice(0, 2).join(',\r\n\t')},\r\n  ${parts.slice(2).join(', ')}\r\n`;
          }),
      });
      const [binding, ...others] = contactsOf(answer);
      expectEqual(
        [binding?.uri, binding?.expiresSec, others.length],
        ['sip:folded@192.0.2.1', 120, 0],
        'binding',
      );
    },
  },
  {
    row: 'M5',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const branch = `z9hG4bKspaced${user.username}`;
      const answer = await registered(agent, user, {
        contact: '"Spaced"   <sip:spaced@192.0.2.1> ; expires = 120 , <sip:second@192.0.2.1>',
        edit: (text) =>
          text
            .replace(
              /Via: SIP\/2\.0\/UDP ([^;]*);branch=[^;]*;rport/,
              `Via : SIP / 2.0 / UDP $1 ; branch = ${branch} ; rport`,
            )
            .replace('To: ', 'To \t:  ')
            .replace(/;tag=/, ' ; tag = '),
      });
      const { transport, port, branch: echoed } = answer.topVia;
      const local = await agent.open();
      expectEqual([transport, port, echoed], ['UDP', local.port, branch], 'top Via');
      expectEqual(urisOf(answer).length, 2, 'number of bindings');
    },
  },
  {
    row: 'M6',
    title: 'contacts in one row and in two',
    run: async (target) => {
      const [agent, user, other] = [target.agent(), target.freshUser(), target.freshUser()];
      const [one, two] = ['<sip:a@192.0.2.1>', '<sip:b@192.0.2.2>'];
      await registered(agent, user, { contact: `${one}, ${two}`, headers: ['Expires: 300'] });
      await registered(agent, other, { contact: one, headers: [`Contact: ${two}`, 'Expires: 300'] });
      const uris = async (whose: typeof user) => (await fetchBindings(agent, whose)).map(({ uri }) => uri);
      expectEqual(await uris(user), ['sip:a@192.0.2.1', 'sip:b@192.0.2.2'], 'bindings of one row');
      expectEqual(await uris(other), await uris(user), 'bindings of two rows');
    },
  },
  {
    row: 'M6',
    title: 'two Vias in one row',
    run: async (target) => {
      const agent = target.agent();
      const text = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
      const second = 'SIP/2.0/TCP second.invalid:5070;branch=z9hG4bKsecond;weird="a,b"';
      const third = 'SIP/2.0/UDP third.invalid;branch=z9hG4bKthird';
      const answer = await exchange(
        agent,
        text.replace(/;rport\r\n/, `;rport, ${second}\r\nMax-Breadth: 60\r\nVia: ${third}\r\n`),
      );
      expectEqual(answer.values('via').slice(1), [second, third], 'Vias below the top one');
    },
  },
  {
    row: 'M7',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const foreign =
        'Digest username="me", realm="elsewhere.example.org", nonce="n,1", uri="sip:example.com", ' +
        `response="${'0'.repeat(32)}", opaque="x, y"`;
      await registered(agent, user, {
        contact: '<sip:two-realms@192.0.2.1>',
        headers: [`Authorization: ${foreign}`],
      });
      expectEqual((await fetchBindings(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'M8',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, {
        contact: String.raw`"Smith, \"J\" <x>; a\\" <sip:quoted@192.0.2.9>;note="a;b,\"c\" <d>"`,
      });
      const [binding, ...others] = contactsOf(answer);
      expectEqual([binding?.uri, others.length], ['sip:quoted@192.0.2.9', 0], 'bindings');
      expectEqual(binding?.otherParams, String.raw`;note="a;b,\"c\" <d>"`, 'contact parameters');
      expectTrue(
        [undefined, 'Smith, "J" <x>; a\\'].includes(binding?.displayName),
        'display name intact or dropped',
      );
    },
  },
  {
    row: 'M9',
    title: 'parameters behind a bare URI are of the header',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, { contact: 'sip:bare@192.0.2.1;expires=120' });
      const [binding] = contactsOf(answer);
      expectEqual([binding?.uri, binding?.expiresSec], ['sip:bare@192.0.2.1', 120], 'binding');
    },
  },
  {
    row: 'M9',
    title: 'a question mark needs <>',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await register(agent, user, { contact: 'sip:bare@192.0.2.1?x=y' }), 400);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'M9',
    title: 'a parameter twice in one value is 400, in two values it is fine',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      for (const params of ['expires=600;expires=60', 'q=0.1;Q=0.2', 'foo;bar;FOO=1'])
        expectStatus(await register(agent, user, { contact: `<sip:a@192.0.2.1>;${params}` }), 400);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
      await registered(agent, user, { contact: '<sip:a@192.0.2.1>;foo, <sip:b@192.0.2.1;foo>;foo' });
    },
  },
  {
    row: 'M13',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        headers: ['X-Foo: ;;,,"', 'Date: rubbish', 'Warning: what?', 'Organization:'],
      });
    },
  },
  {
    row: 'M17',
    title: 'UTF-8 display name',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user, {
        edit: (each) => each.replace('From: <', `From: "${encodeUtf8('Зоя')}" <`),
      });
      const from = /\r\nFrom: ([^\r]*)\r\n/.exec(text)?.[1];
      const answer = await exchange(agent, text);
      expectStatus(answer, 200);
      expectEqual(answer.row('from'), from, 'From');
      expectMatch(decodeUtf8(answer.row('from') ?? ''), /"Зоя"/, 'From as people read it');
    },
  },
  {
    row: 'M17',
    title: 'binary body, framed by its length',
    run: async (target) => {
      const [agent, user] = [target.agent('tcp'), target.freshUser()];
      const body = '\0\r\n\r\nREGISTER sip:example.com SIP/2.0\r\n\r\n\xff\xfe\0';
      const first = await formatRegister(agent, user, {
        body,
        headers: ['Content-Type: application/octet-stream'],
      });
      const second = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
      await agent.sendText(first + second);
      const answers = [await nextFinal(agent), await nextFinal(agent)];
      const of = (method: string) => answers.find(({ cseq }) => cseq.method === method)?.status;
      expectEqual([of('REGISTER'), of('OPTIONS')], [200, 200], 'answers to REGISTER and OPTIONS');
    },
  },
  {
    row: 'M18',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        contact: '<sip:plain@192.0.2.1>',
        headers: ['C%6Fntact: <sip:escaped@192.0.2.2>'],
      });
      const bindings = await fetchBindings(agent, user);
      expectEqual(
        bindings.map(({ uri }) => uri),
        ['sip:plain@192.0.2.1'],
        'bindings',
      );
      const text = await formatRegister(agent, user, {
        edit: (each) => each.replaceAll('REGISTER', 'RE%47ISTER'),
      });
      expectStatus(await exchange(agent, text), 501);
    },
  },
  ...['1.5', 'abc', '0.1234', '-1', ''].map(
    (q) =>
      ({
        row: 'M19',
        title: `q=${q}`,
        run: async (target) => {
          const [agent, user] = [target.agent(), target.freshUser()];
          const answer = await register(agent, user, { contact: `<sip:q@192.0.2.1>;q=${q}` });
          expectStatus(answer, 200, 400);
          const bindings = await fetchBindings(agent, user);
          expectEqual(bindings.length, answer.status === 200 ? 1 : 0, 'number of bindings');
          expectEqual(bindings[0]?.qMilli, undefined, 'q of the binding');
        },
      }) satisfies ConformanceCase,
  ),
  {
    row: 'M19',
    title: 'q=.5',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await register(agent, user, { contact: '<sip:q@192.0.2.1>;q=.5' }), 200, 400);
      await fetchContacts(agent, user);
    },
  },
  {
    row: 'M20',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, {
        contact: 'Here<sip:close@192.0.2.1>',
        edit: (text) => text.replace('From: <', 'From: caller<'),
      });
      expectEqual(urisOf(answer), ['sip:close@192.0.2.1'], 'bindings');
    },
  },
];
