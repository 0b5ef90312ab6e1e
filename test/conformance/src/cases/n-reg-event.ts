import { SipAgent } from '@rollcall/testkit';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import { deleteRegistration } from '../looking-up.ts';
import { freshCallId, registered } from '../registering.ts';
import {
  acceptOne,
  contactsTold,
  documentOf,
  nextNotify,
  subscribe,
  subscribeAgain,
  subscribed,
} from '../subscribing.ts';
import { admin, alice, bob, sponsored, watched } from '../test-users.ts';

const phone = 'sip:phone@192.0.2.1';
const instanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';
const expirySec = 60;

export const cases: readonly ConformanceCase[] = [
  {
    row: 'RE1',
    run: async (target) => {
      const user = target.freshUser();
      for (const transport of ['udp', 'tcp'] as const) {
        const agent = target.agent(transport);
        const { accepted, first } = await subscribed(agent, user);
        expectEqual(accepted.expiresSec, 3761, 'default duration');
        expectEqual(first.row('event'), 'reg', 'Event');
        expectMatch(first.row('subscription-state'), /^active;expires=37\d\d$/, 'Subscription-State');
        expectEqual(first.contentType?.value, 'application/reginfo+xml', 'Content-Type');
        expectEqual(documentOf(first), { version: 0, kind: 'full', state: 'init' }, 'document');
      }
    },
  },
  {
    row: 'RE1',
    title: 'bounds of the duration, and media types',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const brief = await subscribe(agent, user, { headers: ['Expires: 30'] });
      expectStatus(brief, 423);
      expectEqual(brief.minExpiresSec, 60, 'Min-Expires');
      expectStatus(await subscribe(agent, user, { headers: ['Accept: application/pidf+xml'] }), 406);
    },
  },
  {
    row: 'RE2',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const unknown = await subscribe(agent, user, { headers: ['Event: foo'] });
      expectStatus(unknown, 489);
      expectMatch(unknown.row('allow-events'), /\breg\b/, 'Allow-Events');
      const contact = `Contact: ${await agent.contactFor('w')}`;
      const request = { method: 'SUBSCRIBE', uri: user.aor, headers: [contact] };
      expectStatus(await agent.request(request), 400, 489);
      const { accepted } = await subscribed(agent, user, { headers: ['Event: reg;id=1'] });
      // Another id asks for a second subscription in one dialog, which a notifier may refuse (RFC 6665 §4.5.2).
      expectStatus(await subscribeAgain(agent, user, accepted, ['Event: reg;id=2']), 403);
      expectStatus(await subscribeAgain(agent, user, accepted, ['Event: reg; id=1']), 200);
    },
  },
  {
    row: 'RE3',
    run: async (target) => {
      const agent = target.agent();
      expectStatus(await subscribe(agent, bob, { aor: alice.aor }), 403);
      expectStatus(await subscribe(agent, bob, { aor: 'sip:nobody@example.com' }), 403);
      const [other] = sponsored;
      await subscribed(agent, admin, { aor: other?.aor ?? '' });
      await subscribed(agent, bob, { aor: watched.aor });
    },
  },
  {
    row: 'RE4',
    timeoutMs: 60_000,
    run: async (target) => {
      const [watcher, agent, user] = [target.agent(), target.agent(), target.freshUser()];
      await subscribed(watcher, user);
      const callId = freshCallId();
      const steps = [
        [`<${phone}>`, 'active registered', 'active'],
        [`<${phone}>`, 'active refreshed', 'active'],
        [`<${phone}>;expires=0`, 'terminated unregistered', 'terminated'],
      ] as const;
      for (const [contact, event, state] of steps) {
        await registered(agent, user, { contact, callId });
        const notify = await nextNotify(watcher);
        expectEqual(contactsTold(notify), { [phone]: event }, 'contacts');
        expectEqual(documentOf(notify).state, state, 'state of the registration');
      }
    },
  },
  {
    row: 'RE4',
    title: 'removal by the operator',
    run: async (target) => {
      const [watcher, agent, user] = [target.agent(), target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${phone}>` });
      await subscribed(watcher, user);
      await deleteRegistration(target, user.aor);
      const notify = await nextNotify(watcher);
      expectEqual(contactsTold(notify), { [phone]: 'terminated deactivated' }, 'contacts');
    },
  },
  {
    row: 'RE4',
    title: 'expiry',
    slow: true,
    run: async (target) => {
      const [watcher, agent, user] = [target.agent(), target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${phone}>;expires=${expirySec}` });
      const { first } = await subscribed(watcher, user);
      expectEqual(contactsTold(first), { [phone]: 'active registered' }, 'contacts at first');
      const notify = await nextNotify(watcher, (expirySec + 10) * 1000);
      expectEqual(contactsTold(notify), { [phone]: 'terminated expired' }, 'contacts');
    },
  },
  {
    row: 'RE5',
    timeoutMs: 60_000,
    run: async (target) => {
      const [watcher, agent, user] = [target.agent(), target.agent(), target.freshUser()];
      const second = 'sip:phone@192.0.2.2';
      await registered(agent, user, { contact: `<${phone}>` });
      const { accepted, first } = await subscribed(watcher, user);
      const told = [first];
      await registered(agent, user, { contact: `<${second}>` });
      told.push(await nextNotify(watcher));
      expectEqual(contactsTold(told[1] ?? first), { [second]: 'active registered' }, 'what changed');
      expectStatus(await subscribeAgain(watcher, user, accepted), 200);
      told.push(await nextNotify(watcher));
      expectEqual(Object.keys(contactsTold(told[2] ?? first)).length, 2, 'contacts after a refresh');
      expectStatus(await subscribeAgain(watcher, user, accepted, ['Expires: 0']), 200);
      told.push(await nextNotify(watcher));
      expectEqual(told[3]?.row('subscription-state'), 'terminated;reason=timeout', 'Subscription-State');
      const documents = told.map((notify) => `${documentOf(notify).version} ${documentOf(notify).kind}`);
      expectEqual(documents, ['0 full', '1 partial', '2 full', '3 full'], 'documents');
      expectStatus(await subscribeAgain(watcher, user, accepted), 481);
    },
  },
  {
    row: 'RE5',
    title: 'one look',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${phone}>` });
      const { accepted, first } = await subscribed(agent, user, { headers: ['Expires: 0'] });
      expectEqual(accepted.expiresSec, 0, 'Expires');
      expectEqual(first.row('subscription-state'), 'terminated;reason=timeout', 'Subscription-State');
      expectEqual(documentOf(first), { version: 0, kind: 'full', state: 'active' }, 'document');
    },
  },
  {
    row: 'RE6',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const contact = `<${phone}>;+sip.instance="<${instanceId}>";audio`;
      await registered(agent, user, { contact, headers: ['Supported: gruu'] });
      const { first } = await subscribed(agent, user);
      const body = first.body.toString('utf8');
      const gruu = `<gr:pub-gruu uri="${user.aor};gr=${instanceId}"/>`;
      expectTrue(body.includes(gruu), `${gruu}: received ${body}`);
      expectTrue(body.includes('xmlns:gr="urn:ietf:params:xml:ns:gruuinfo"'), 'the namespace of RFC 5628');
      expectTrue(body.includes('<unknown-param name="audio"></unknown-param>'), `audio: received ${body}`);
    },
  },
  {
    row: 'RE6',
    title: 'who may register is told the temporary GRUU that the last registration brought',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const contact = `<${phone}>;+sip.instance="<${instanceId}>"`;
      const answer = await registered(agent, user, { contact, headers: ['Supported: gruu'] });
      const [, temporary = 'none'] = /temp-gruu="([^"]+)"/.exec(answer.row('contact') ?? '') ?? [];
      const { first } = await subscribed(agent, user);
      const body = first.body.toString('utf8');
      const { sequence } = answer.cseq;
      const gruu = `<gr:temp-gruu uri="${temporary}" first-cseq="${sequence}"/>`;
      expectTrue(body.includes(gruu), `${gruu}: received ${body}`);
    },
  },
  {
    row: 'X13',
    run: async (target) => {
      const [agent, phones, user] = [target.agent(), target.agent(), target.freshUser()];
      const many = Array.from({ length: 8 }, (_, index) => `<sip:phone-${index}@192.0.2.1:50${index}0>`);
      await registered(phones, user, { contact: many.join(', ') });
      const local = await agent.open();
      const taking = await acceptOne(local);
      try {
        expectStatus(await subscribe(agent, user), 200);
        const text = await taking.message;
        expectMatch(text, /^NOTIFY [^\r]*\r\nVia: SIP\/2\.0\/TCP /, 'a NOTIFY by TCP');
      } finally {
        await taking.close();
      }
    },
  },
  {
    row: 'X13',
    title: 'UDP where TCP is refused',
    run: async (target) => {
      const [agent, phones, user] = [target.agent(), target.agent(), target.freshUser()];
      const many = Array.from({ length: 8 }, (_, index) => `<sip:phone-${index}@192.0.2.1:50${index}0>`);
      await registered(phones, user, { contact: many.join(', ') });
      const { first } = await subscribed(agent, user);
      expectTrue(first.body.length > 1300, 'a document of more than 1300 bytes');
      expectEqual(first.topVia.transport, 'UDP', 'transport');
    },
  },
  {
    row: 'RE4',
    title: 'what happens at another edge, and after a registrar and a location were killed',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [watcher, user] = [lab.agent(), lab.freshUser()];
      await using elsewhere = new SipAgent({ transport: 'udp', server: lab.secondSip });
      await subscribed(watcher, user);
      const uris: string[] = [];
      const versions: number[] = [];
      const registerNext = async (by: SipAgent) => {
        const uri = `sip:phone@192.0.2.${uris.length + 1}`;
        await registered(by, user, { contact: `<${uri}>` });
        uris.push(uri);
        for (;;) {
          const notify = await nextNotify(watcher, 30_000);
          versions.push(documentOf(notify).version);
          if (contactsTold(notify)[uri] !== undefined) return;
        }
      };
      await registerNext(elsewhere);
      await lab.restart('registrar');
      await registerNext(lab.agent());
      await lab.restart('location');
      await registerNext(elsewhere);
      const expected = versions.map((_, index) => index + 1);
      expectEqual(versions, expected, 'versions');
    },
  },
];
