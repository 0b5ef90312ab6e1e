import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { ConformanceFailure, expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { openTortureUdp, readTorture, type TortureArchive, type TortureUdp } from '../torture.ts';
import { Turnstile } from '../turnstile.ts';

/** A message that gets an answer, and its statuses. */
type Answered = readonly [name: string, ...statuses: number[]];

/** What a redirect server says of a user that it knows or does not know. */
const redirected = [302, 404, 480] as const;

const answered: readonly Answered[] = [
  // The To tag names a dialog, which a redirect server has none of.
  ['wsinv', 404, 481],
  ['esc01', 404],
  ['esc02', 404, 501],
  ['lwsdisp', 200, ...redirected],
  ['longreq', ...redirected],
  ['semiuri', 404],
  ['transports', 200, ...redirected],
  ['mpart01', 405, ...redirected],
  ['badinv01', 400],
  ['clerr', 400],
  ['ncl', 400],
  ['scalar02', 400],
  ['quotbal', 400],
  ['ltgtruri', 400],
  ['lwsruri', 400],
  ['lwsstart', 400, ...redirected],
  ['trws', 400, ...redirected],
  ['escruri', 400],
  ['baddate', ...redirected],
  ['badaspec', 400, ...redirected],
  ['baddn', 400, ...redirected],
  ['badvers', 505],
  ['mismatch01', 400],
  ['mismatch02', 501, 400],
  ['badbranch', 400, ...redirected],
  ['insuf', 400],
  ['unkscm', 416],
  ['novelsc', 416],
  ['unksm2', 400],
  ['bext01', 420],
  ['invut', ...redirected],
  ['multi01', 400],
  ['mcl01', 400],
  ['zeromf', 200, ...redirected],
  ['sdp01', ...redirected],
  ['inv2543', ...redirected],
];

/** Responses that belong to nothing. */
const dropped = ['unreason', 'noreason', 'scalarlg', 'bigcode', 'bcast'];

/** Messages that cannot be framed: over TCP the connection ends after the answer. */
const unframeable = ['ncl', 'mcl01'];

const rfc4475: TortureArchive = 'rfc4475';

/** Cases that change bindings of the users of the archive do so one after the other. */
const inTurn = new Turnstile(1);

async function asTrustedPhone(
  target: ConformanceTarget,
  run: (socket: TortureUdp) => Promise<void>,
): Promise<void> {
  const done = await inTurn.enter();
  try {
    await run(await openTortureUdp(target));
  } finally {
    done();
  }
}

export const cases: readonly ConformanceCase[] = [
  ...answered.map(
    ([name, ...statuses]): ConformanceCase => ({
      row: `TT-${name}`,
      title: 'over UDP',
      run: async (target) => {
        const socket = await openTortureUdp(target);
        expectStatus(await socket.exchange(readTorture(rfc4475, name)), ...statuses);
      },
    }),
  ),
  ...dropped.map(
    (name): ConformanceCase => ({
      row: `TT-${name}`,
      run: async (target) => {
        const socket = await openTortureUdp(target);
        await socket.expectNoAnswer(readTorture(rfc4475, name));
      },
    }),
  ),
  ...unframeable.map(
    (name): ConformanceCase => ({
      row: `TT-${name}`,
      title: 'over TCP: 400, and the end of the connection',
      run: async (target) => {
        const connection = await target.rawTcp();
        connection.send(readTorture(rfc4475, name));
        const text = await connection.until((received) => received.includes('\r\n\r\n'), 'an answer');
        expectTrue(text.startsWith('SIP/2.0 400 '), `400: received ${text.split('\r\n')[0]}`);
        await connection.closedByPeer();
      },
    }),
  ),
  {
    row: 'TT-clerr',
    title: 'over TCP: the rest is waited for, and then the connection ends',
    slow: true,
    run: async (target) => {
      const connection = await target.rawTcp();
      connection.send(readTorture(rfc4475, 'clerr'));
      await connection.closedByPeer(90_000);
      expectTrue(!connection.received.startsWith('SIP/2.0 2'), 'no success');
    },
  },
  {
    row: 'TT-intmeth',
    run: async (target) => {
      const socket = await openTortureUdp(target);
      const response = await socket.exchange(readTorture(rfc4475, 'intmeth'));
      expectStatus(response, 501);
      expectTrue(response.allow.includes('REGISTER'), 'an Allow header');
      expectEqual(response.cseq.method, "!interesting-Method0123456789_*+`.%indeed'~", 'method of the CSeq');
    },
  },
  {
    row: 'TT-longreq',
    title: 'values come back whole',
    run: async (target) => {
      const text = readTorture(rfc4475, 'longreq').replace('longreq.one', 'longreq.two');
      const socket = await openTortureUdp(target);
      const response = await socket.exchange(text);
      expectTrue(text.includes(`\r\nCall-ID: ${response.callId}\r\n`), 'the whole Call-ID');
      expectTrue(text.includes(`\r\nF: ${response.row('from')}\r\n`), 'the whole From');
      expectEqual(response.vias.length, 34, 'number of Vias');
    },
  },
  {
    row: 'TT-transports',
    title: 'all Vias are returned',
    run: async (target) => {
      const socket = await openTortureUdp(target);
      const text = readTorture(rfc4475, 'transports').replace('transports.kij', 'transports.two');
      const transports = (await socket.exchange(text)).vias.map(({ transport }) => transport);
      expectEqual(transports, ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'], 'transports of the Vias');
    },
  },
  {
    row: 'TT-bext01',
    title: 'what is not supported is listed',
    run: async (target) => {
      const socket = await openTortureUdp(target);
      const text = readTorture(rfc4475, 'bext01').replace('bext01.0ha', 'bext01.two');
      const response = await socket.exchange(text);
      expectStatus(response, 420);
      for (const tag of ['noProxiesSupportThis', 'norDoAnyProxiesSupportThis'])
        expectTrue(response.unsupported.includes(tag), `${tag} in Unsupported`);
    },
  },
  {
    row: 'TT-badbranch',
    title: 'two requests with that branch are two transactions',
    run: async (target) => {
      const socket = await openTortureUdp(target);
      const text = readTorture(rfc4475, 'badbranch');
      const callIds: string[] = [];
      for (const other of ['badbranch.one', 'badbranch.two'])
        callIds.push((await socket.exchange(text.replace('badbranch.sad', other))).callId.slice(0, 13));
      expectEqual(callIds, ['badbranch.one', 'badbranch.two'], 'Call-IDs of the answers');
    },
  },
  {
    row: 'TT-escnull',
    run: (target) =>
      asTrustedPhone(target, async (socket) => {
        const response = await socket.exchange(readTorture(rfc4475, 'escnull'));
        expectStatus(response, 200);
        const uris = contactUris(response);
        expectEqual(uris, ['sip:%00@host5.example.com', 'sip:%00%00@host5.example.com'], 'bindings');
        // What an implementation that stops at NUL would take it for.
        expectEqual(contactUris(await socket.fetch('sip:null-@example.com')), [], 'bindings of null-');
      }),
  },
  {
    row: 'TT-dblreq',
    run: (target) =>
      asTrustedPhone(target, async (socket) => {
        const response = await socket.exchange(readTorture(rfc4475, 'dblreq'));
        expectStatus(response, 200);
        expectEqual(contactUris(response), ['sip:j.user@host.example.com'], 'bindings');
        await socket.expectNoMore();
      }),
  },
  {
    row: 'TT-regbadct',
    run: (target) =>
      asTrustedPhone(target, async (socket) => {
        await socket.removeAll('sip:user@example.com');
        expectStatus(await socket.exchange(readTorture(rfc4475, 'regbadct')), 400);
        expectEqual(contactUris(await socket.fetch('sip:user@example.com')), [], 'bindings');
      }),
  },
  {
    row: 'TT-scalar02',
    title: 'nothing is bound',
    run: (target) =>
      asTrustedPhone(target, async (socket) => {
        await socket.removeAll('sip:user@example.com');
        expectStatus(await socket.exchange(readTorture(rfc4475, 'scalar02')), 400);
        expectEqual(contactUris(await socket.fetch('sip:user@example.com')), [], 'bindings');
      }),
  },
  {
    row: 'TT-regaut01',
    title: '401 to who needs credentials',
    run: async (target) => {
      // From an address that its subscriber is not trusted by.
      const socket = await openTortureUdp(target, '127.98.0');
      const response = await socket.exchange(readTorture(rfc4475, 'regaut01'));
      expectStatus(response, 401);
      expectTrue(response.rows('www-authenticate').length > 0, 'a challenge');
    },
  },
  {
    row: 'TT-cparam01',
    run: (target) =>
      asTrustedPhone(target, async (socket) => {
        await socket.removeAll('sip:watson@example.com');
        expectStatus(await socket.exchange(readTorture(rfc4475, 'cparam01')), 200);
        const [contact] = contactsIn(await socket.fetch('sip:watson@example.com'));
        expectEqual(contact?.uri, 'sip:+19725552222@gw1.example.net', 'contact URI');
        expectEqual(contact?.otherParams, ';unknownparam', 'contact parameters');
      }),
  },
  {
    row: 'TT-cparam02',
    run: (target) =>
      asTrustedPhone(target, async (socket) => {
        await socket.removeAll('sip:watson@example.com');
        expectStatus(await socket.exchange(readTorture(rfc4475, 'cparam02')), 200);
        const [contact] = contactsIn(await socket.fetch('sip:watson@example.com'));
        expectEqual(contact?.uri, 'sip:+19725552222@gw1.example.net;unknownparam', 'contact URI');
        expectEqual(contact?.otherParams, '', 'contact parameters');
      }),
  },
  {
    row: 'TT-regescrt',
    run: (target) =>
      asTrustedPhone(target, async (socket) => {
        await socket.removeAll('sip:user@example.com');
        expectStatus(await socket.exchange(readTorture(rfc4475, 'regescrt')), 200);
        const uris = contactUris(await socket.fetch('sip:user@example.com'));
        expectEqual(uris, ['sip:user@example.com?Route=%3Csip:sip.example.com%3E'], 'bindings');
        await socket.removeAll('sip:user@example.com');
      }),
  },
];

type Answer = Awaited<ReturnType<TortureUdp['exchange']>>;

function contactsIn(response: Answer) {
  const { contacts } = response;
  if (contacts.star) throw new ConformanceFailure('Contact: * in a response');
  return contacts.contacts;
}

function contactUris(response: Answer): string[] {
  return contactsIn(response).map(({ uri }) => uri);
}
