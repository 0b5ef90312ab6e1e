import {
  EventType,
  type LocationApiCalls,
  type RegistrationEvent,
  type WatchRegistrationsRequest,
} from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { type register, update } from '../../../libs/bindings/test/make-registration.ts';
import { Watched } from './watched.ts';

/** A location under test. */
export interface LocationUnderTest {
  readonly api: LocationApiCalls;
  bind(aor: string, ...args: Parameters<typeof register>): Promise<unknown>;
  /** A domain that no other test has. */
  newDomain(): string;
}

/** Changes kept in a shard, for the test of what happens beyond. */
export const watchHistory = 128;

/** What watches promise, whatever the store. */
export function describeWatches(the: LocationUnderTest): void {
  describe('WatchRegistrations', () => {
    const watchWith = (request: Partial<WatchRegistrationsRequest>, pace?: { taken: number }) =>
      new Watched(the.api, request, pace);

    it('tells the state, that it is complete, and then each change in order', async () => {
      const domain = the.newDomain();
      const [aor, other] = [`sip:a@${domain}`, `sip:b@${domain}`];
      await the.bind(aor, [update('sip:a@h')]);
      const watch = watchWith({ aors: [aor, other] });
      await watch.complete();
      expect(watch.types()).toEqual(['SNAPSHOT']);
      await the.bind(aor, [update('sip:a@h', { qMilli: 300 })], { cseq: 2 });
      await the.bind(other, [update('sip:b@h')]);
      await the.bind(`sip:c@${domain}`, [update('sip:c@h')]);
      await the.bind(aor, [], { cseq: 3, removeAll: true });
      const hasGone = (each: RegistrationEvent) => each.type === EventType.REMOVED;
      await watch.until((events) => events.some(hasGone) && events.some((each) => each.aor === other));
      expect(watch.types(aor)).toContain('SNAPSHOT');
      // The refresh may be gone with its binding, where nobody looked in between.
      expect(watch.types(aor).filter((type) => type !== 'REFRESHED')).toEqual(['SNAPSHOT', 'REMOVED']);
      expect(watch.types(other)).toEqual(['CREATED']);
      const revisions = watch.events.filter((each) => each.aor === aor).map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      watch.cancel();
    });

    it('a refresh comes with the binding as it is', async () => {
      const aor = `sip:a@${the.newDomain()}`;
      await the.bind(aor, [update('sip:a@h')]);
      const watch = watchWith({ aors: [aor], skipInitialState: true });
      await watch.complete();
      await the.bind(aor, [update('sip:a@h', { qMilli: 300 })], { cseq: 2 });
      const [event] = await watch.until((events) => events.length === 1);
      expect(event).toMatchObject({ type: EventType.REFRESHED, binding: { cseq: 2, contact: 'sip:a@h' } });
      expect(event?.binding?.q).toBeCloseTo(0.3);
      expect(event?.bindingId).toBe(event?.binding?.bindingId);
      watch.cancel();
    });

    it('tells a domain, whatever changes while its state is read', async () => {
      const domain = the.newDomain();
      const aors = Array.from({ length: 300 }, (_, index) => `sip:u${index}@${domain}`);
      for (const aor of aors) await the.bind(aor, [update('sip:a@h')]);
      const watch = watchWith({ domain });
      // While the state is read: half of them go, the other half gets a second contact.
      await Promise.all(
        aors.map((aor, index) =>
          index % 2 === 0
            ? the.bind(aor, [], { cseq: 2, removeAll: true })
            : the.bind(aor, [update('sip:b@h')], { cseq: 2 }),
        ),
      );
      await watch.complete();
      const expected = new Map(aors.map((aor, index) => [aor, index % 2 === 0 ? 0 : 2]));
      await watch.until(() => aors.every((aor) => watch.bound(aor).size === expected.get(aor)));
      for (const aor of aors) {
        const revisions = watch.events.filter((each) => each.aor === aor).map(({ revision }) => revision);
        expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
        const keys = watch.events
          .filter((each) => each.aor === aor)
          .map((each) => `${each.type} ${each.bindingId}`);
        expect(new Set(keys).size).toBe(keys.length);
      }
      watch.cancel();
    });

    it('tells an expiry within 2 s, with the binding', async () => {
      const aor = `sip:a@${the.newDomain()}`;
      const watch = watchWith({ aors: [aor] });
      await watch.complete();
      await the.bind(aor, [update('sip:a@h', { expiresSec: 1 })]);
      const events = await watch.until((all) => all.some(({ type }) => type === EventType.EXPIRED));
      expect(events.at(-1)).toMatchObject({ aor, binding: { contact: 'sip:a@h' } });
      const { binding } = events.at(-1) ?? {};
      expect(Date.now() - Number(binding?.expireTime)).toBeLessThan(2200);
      watch.cancel();
    });

    it('resumes after the last token: nothing twice, nothing lost', async () => {
      const domain = the.newDomain();
      const aor = `sip:a@${domain}`;
      for (const request of [{ aors: [aor] }, { domain }]) {
        const first = watchWith(request);
        await first.complete();
        await the.bind(aor, [update('sip:a@h')], { callId: JSON.stringify(request) });
        await first.until((events) => events.some(({ type }) => type === EventType.CREATED));
        first.cancel();
        await the.bind(aor, [], { callId: 'b', removeAll: true });
        await the.bind(aor, [update('sip:b@h')], { callId: 'c' });
        const second = watchWith({ ...request, resumeToken: first.token });
        await second.until((events) => events.length === 2);
        expect(second.types()).toEqual(['REMOVED', 'CREATED']);
        second.cancel();
        await the.bind(aor, [], { callId: 'd', removeAll: true });
      }
    });

    it('REVISION_COMPACTED: where changes since the token are gone', async () => {
      const aor = `sip:a@${the.newDomain()}`;
      const first = watchWith({ aors: [aor] });
      await first.complete();
      await the.bind(aor, [update('sip:a@h')]);
      await first.until((events) => events.length === 1);
      first.cancel();
      for (let cseq = 2; cseq < 5 * watchHistory; cseq += 1) {
        await the.bind(aor, [update('sip:a@h')], { cseq });
      }
      const second = watchWith({ aors: [aor], resumeToken: first.token });
      expect(await second.ended()).toMatchObject({ code: 11, reason: 'REVISION_COMPACTED' });
      expect(second.events).toEqual([]);
    });

    it('SLOW_CONSUMER: a reader that does not keep up is ended, with a token to resume from', async () => {
      const domain = the.newDomain();
      const aors = Array.from({ length: 64 }, (_, index) => `sip:u${index}@${domain}`);
      const slow = watchWith({ domain }, { taken: 1 });
      await slow.complete();
      const contacts = Array.from({ length: 5 }, (_, index) => update(`sip:a@h${index}`));
      let cseq = 1;
      const churn = async () => {
        await Promise.all(aors.map((aor) => the.bind(aor, contacts, { cseq, maxBindings: 10 })));
        await Promise.all(aors.map((aor) => the.bind(aor, [], { cseq: cseq + 1, removeAll: true })));
        cseq += 2;
      };
      const end = slow.ended();
      let over = false;
      void end.then(() => {
        over = true;
      });
      for (let round = 0; round < 40 && !over; round += 1) {
        await churn();
        // The tail reads ten times a second, and a shard keeps few changes in this test.
        await new Promise((resolve) => {
          setTimeout(resolve, 150);
        });
      }
      const fault = await end;
      expect(fault).toMatchObject({ code: 8, reason: 'SLOW_CONSUMER', retryAfterMs: 1000 });
      // It took one response, with the token of the state before.
      expect(slow.events).toEqual([]);
      expect(slow.token).not.toBe('');
    });

    it.each([
      { aors: [], domain: '' },
      { aors: ['sip:a@example.com'], domain: 'example.com' },
    ])('WATCH_SCOPE_INVALID: %j', (request) => {
      expect(() => watchWith(request)).toThrow(expect.objectContaining({ reason: 'WATCH_SCOPE_INVALID' }));
    });

    it('TOO_MANY_AORS, AOR_INVALID and DOMAIN_INVALID, as elsewhere', () => {
      const many = Array.from({ length: 1001 }, (_, index) => `sip:u${index}@example.com`);
      expect(() => watchWith({ aors: many })).toThrow(expect.objectContaining({ reason: 'TOO_MANY_AORS' }));
      expect(() => watchWith({ aors: ['x'] })).toThrow(expect.objectContaining({ reason: 'AOR_INVALID' }));
      expect(() => watchWith({ domain: 'a b' })).toThrow(
        expect.objectContaining({ reason: 'DOMAIN_INVALID' }),
      );
    });

    it('RESUME_TOKEN_INVALID: no token, or one of another scope', async () => {
      const domain = the.newDomain();
      const watch = watchWith({ domain });
      await watch.complete();
      watch.cancel();
      for (const resumeToken of ['x', '1~~0~', `${watch.token}*`, `${watch.token}~1`]) {
        expect(() => watchWith({ domain, resumeToken })).toThrow(
          expect.objectContaining({ code: 3, reason: 'RESUME_TOKEN_INVALID' }),
        );
      }
      expect(() => watchWith({ domain: the.newDomain(), resumeToken: watch.token })).toThrow(
        expect.objectContaining({ reason: 'RESUME_TOKEN_INVALID' }),
      );
    });
  });
}
