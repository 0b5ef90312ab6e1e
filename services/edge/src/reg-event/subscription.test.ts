import { ManualClock } from '@rollcall/testkit';
import { expect, it } from 'vitest';
import type { ContactEventName } from './contact-event.ts';
import type { NotifyContent } from './dialog.ts';
import { type NotifyResult, Subscription } from './subscription.ts';
import type { WatchedContact } from './watched-contact.ts';

function contact(id: string, event: ContactEventName = 'registered', cseq = 1): WatchedContact {
  return {
    id,
    event,
    uri: `sip:${id}@192.0.2.1`,
    params: '',
    expiresAtMs: 0,
    qMilli: undefined,
    instanceId: '',
    regId: 0,
    callId: `call-${id}`,
    cseq,
    publicGruu: '',
    temporaryGruu: '',
    firstCseq: 0,
    retryAfterSec: 0,
  };
}

function open() {
  const clock = new ManualClock(1_800_000_000_000);
  const sent: NotifyContent[] = [];
  const answers: ((result: NotifyResult) => void)[] = [];
  const ends: string[] = [];
  const subscription = new Subscription({
    aor: 'sip:alice@example.com',
    registrationId: 'r1',
    clock,
    notifyIntervalMs: 5000,
    notify: (content) => {
      sent.push(content);
      return new Promise((resolve) => answers.push(resolve));
    },
    onOver: (how) => ends.push(how),
  });
  const answer = async (result: NotifyResult = { kind: 'taken' }) => {
    answers.shift()?.(result);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  /** What was sent since the last look: version, completeness, state of the registration, contacts and events. */
  const told = () =>
    sent.splice(0).map(({ document }) => {
      const [, version, kind] = /version="(\d+)" state="(\w+)"/.exec(document) ?? [];
      const [, state] = /<registration [^>]*state="(\w+)"/.exec(document) ?? [];
      const contacts = [...document.matchAll(/<contact id="(\w+)" state="\w+" event="(\w+)"/g)];
      return [`${version} ${kind} ${state}`, ...contacts.map(([, id, event]) => `${id} ${event}`)].join(', ');
    });
  return { clock, subscription, sent, ends, answer, told };
}

it('RE1: tells everything at once, and says for how long', async () => {
  const { subscription, sent, told } = open();
  subscription.replace([contact('a')]);
  subscription.subscribe(3761);
  expect(sent[0]?.subscriptionState).toBe('active;expires=3761');
  expect(told()).toEqual(['0 full active, a registered']);
});

it('RE5: tells the first change at once, further ones together and not more often than every five seconds', async () => {
  const { clock, subscription, answer, told } = open();
  subscription.subscribe(3761);
  await answer();
  told();
  subscription.change([contact('a')]);
  subscription.change([contact('b')]);
  clock.advance(100);
  expect(told()).toEqual(['1 partial active, a registered, b registered']);
  await answer();
  subscription.change([contact('c')]);
  clock.advance(1000);
  subscription.change([contact('c', 'refreshed', 2), contact('a', 'unregistered')]);
  clock.advance(3899);
  expect(told()).toEqual([]);
  clock.advance(1);
  clock.advance(100);
  expect(told()).toEqual(['2 partial active, c registered, a unregistered']);
  await answer();
  subscription.change([contact('b', 'expired'), contact('c', 'expired')]);
  clock.advance(5000);
  expect(told()).toEqual(['3 partial terminated, b expired, c expired']);
});

it('waits for the answer before it tells more', async () => {
  const { clock, subscription, answer, told } = open();
  subscription.subscribe(3761);
  subscription.change([contact('a')]);
  clock.advance(30_000);
  expect(told()).toEqual(['0 full init']);
  await answer();
  clock.advance(100);
  expect(told()).toEqual(['1 partial active, a registered']);
});

it('RE5: a refresh tells everything at once, and prolongs', async () => {
  const { clock, subscription, sent, answer, told, ends } = open();
  subscription.replace([contact('a')]);
  subscription.subscribe(100);
  await answer();
  clock.advance(90_000);
  told();
  subscription.subscribe(100);
  expect(sent[0]?.subscriptionState).toBe('active;expires=100');
  expect(told()).toEqual(['1 full active, a registered']);
  await answer();
  clock.advance(90_000);
  expect(ends).toEqual([]);
});

it.each([
  ['RE5: an unsubscribe', 0, 'unsubscribed'],
  ['RE5: the end of its time', 10, 'timeout'],
] as const)('%s is told with everything, and ends it', async (_what, expiresSec, how) => {
  const { clock, subscription, sent, answer, ends } = open();
  subscription.replace([contact('a')]);
  subscription.subscribe(expiresSec);
  if (expiresSec > 0) await answer();
  clock.advance(expiresSec * 1000);
  expect(sent.at(-1)?.subscriptionState).toBe('terminated;reason=timeout');
  expect(sent.at(-1)?.document).toContain('state="full"');
  await answer();
  expect(ends).toEqual([how]);
  subscription.change([contact('b')]);
  clock.advance(10_000);
  expect(sent.at(-1)?.subscriptionState).toBe('terminated;reason=timeout');
});

it('ends where the subscriber is gone, and nothing more is sent', async () => {
  const { clock, subscription, sent, answer, ends } = open();
  subscription.subscribe(3761);
  await answer({ kind: 'gone' });
  expect(ends).toEqual(['gone']);
  subscription.change([contact('a')]);
  clock.advance(4_000_000);
  expect(sent).toHaveLength(1);
});

it('comes again with everything after the pause that the subscriber asked for', async () => {
  const { clock, subscription, answer, told } = open();
  subscription.subscribe(3761);
  await answer({ kind: 'retry', afterSec: 20 });
  told();
  subscription.change([contact('a')]);
  clock.advance(19_999);
  expect(told()).toEqual([]);
  clock.advance(1);
  expect(told()).toEqual(['1 full active, a registered']);
});

it('tells what another registrar says only where it is news, and then everything', async () => {
  const { clock, subscription, answer, told } = open();
  subscription.replace([contact('a')]);
  subscription.subscribe(3761);
  await answer();
  told();
  subscription.replace([contact('a')]);
  clock.advance(10_000);
  expect(told()).toEqual([]);
  subscription.replace([contact('a', 'registered', 2), contact('b')]);
  expect(told()).toEqual(['1 full active, a registered, b registered']);
});
