import {
  EventType,
  type ListRegistrationsRequest,
  type LocationApiCalls,
  type RegistrationEvent,
  type ServiceFault,
  type WatchRegistrationsRequest,
  type WatchRegistrationsResponse,
} from '@rollcall/rpc';
import { createLogger, Metrics, systemClock } from '@rollcall/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register, update } from '../../../libs/bindings/test/make-registration.ts';
import { readLocationConfig } from '../src/config.ts';
import { composeLocation, type Location, type StoreTarget } from '../src/index.ts';

/** A place for records, and how a location process finds it. */
export interface ApiPlace {
  readonly target: StoreTarget;
  close(): Promise<void>;
}

const context = { timeoutMs: 10_000, traceparent: '' };
const logger = createLogger({ service: 'location', level: 'silent', format: 'json' });
let domains = 0;

/** Changes kept in a shard, for the test of what happens beyond. */
const watchHistory = 128;

function startLocation(target: StoreTarget): Location {
  return composeLocation({
    config: {
      ...readLocationConfig({}),
      store: target,
      cacheSize: 1000,
      watchHistory,
    },
    clock: systemClock,
    logger,
    metrics: new Metrics(),
  });
}

/** What the public API promises, whatever the store. */
export function describeLocationApi(name: string, make: () => Promise<ApiPlace>): void {
  describe(`location API: ${name}`, () => {
    let place: ApiPlace;
    let location: Location;
    let api: LocationApiCalls;

    beforeAll(async () => {
      place = await make();
      location = startLocation(place.target);
      api = location.api;
      await api.getRegistration({ aor: 'sip:first@example.com' }, context);
    });
    afterAll(async () => {
      await location?.close();
      await place?.close();
    });

    const newDomain = () => {
      domains += 1;
      return `d${domains}-${process.pid}.test`;
    };
    const bind = (aor: string, ...args: Parameters<typeof register>) =>
      location.calls.apply({ aor, ...register(...args), refused: false }, context);
    const listAll = async (domain: string, more: Partial<ListRegistrationsRequest> = {}) => {
      const found: string[] = [];
      let pageToken = '';
      let pages = 0;
      do {
        const page = await api.listRegistrations(
          { domain, pageSize: 0, readMask: undefined, ...more, pageToken },
          context,
        );
        found.push(...page.registrations.map(({ aor }) => aor));
        pageToken = page.nextPageToken;
        pages += 1;
      } while (pageToken !== '');
      return { found, pages };
    };

    describe('ListRegistrations', () => {
      it('returns each AOR of the domain once, and no other', async () => {
        const domain = newDomain();
        const aors = Array.from({ length: 120 }, (_, index) => `sip:u${index}@${domain}`);
        for (const aor of aors) await bind(aor, [update('sip:a@h')]);
        await bind(`sip:other@not-${domain}`, [update('sip:a@h')]);
        await bind(`sip:gone@${domain}`, [update('sip:a@h')]);
        await bind(`sip:gone@${domain}`, [], { cseq: 2, removeAll: true });
        for (const pageSize of [7, 1000]) {
          const { found } = await listAll(domain, { pageSize });
          expect(found.toSorted()).toEqual(aors.toSorted());
        }
        const first = await api.listRegistrations(
          { domain: domain.toUpperCase(), pageSize: 0, pageToken: '', readMask: undefined },
          context,
        );
        expect(first.registrations).toHaveLength(50);
        expect(first.registrations[0]?.bindings).toMatchObject([{ contact: 'sip:a@h' }]);
      });

      it('misses and repeats nothing that is refreshed meanwhile, sooner or later to expire', async () => {
        const domain = newDomain();
        const aors = Array.from({ length: 90 }, (_, index) => `sip:u${index}@${domain}`);
        for (const aor of aors) await bind(aor, [update('sip:a@h')]);
        const found: string[] = [];
        let pageToken = '';
        let cseq = 2;
        do {
          const page = await api.listRegistrations(
            { domain, pageSize: 10, pageToken, readMask: undefined },
            context,
          );
          found.push(...page.registrations.map(({ aor }) => aor));
          pageToken = page.nextPageToken;
          // Whatever index orders by expiry, these move in it.
          for (const [index, aor] of aors.entries()) {
            const expiresSec = (index + cseq) % 2 === 0 ? 3600 : 120;
            await bind(aor, [update('sip:a@h', { expiresSec })], { cseq });
          }
          cseq += 1;
        } while (pageToken !== '');
        expect(found.toSorted()).toEqual(aors.toSorted());
      });

      it('sees what was registered just before it began', async () => {
        const domain = newDomain();
        await bind(`sip:a@${domain}`, [update('sip:a@h')]);
        expect((await listAll(domain)).found).toEqual([`sip:a@${domain}`]);
        await bind(`sip:b@${domain}`, [update('sip:a@h')]);
        expect((await listAll(domain)).found.toSorted()).toEqual([`sip:a@${domain}`, `sip:b@${domain}`]);
      });

      it('returns what the read mask names', async () => {
        const domain = newDomain();
        await bind(`sip:a@${domain}`, [update('sip:a@h', { qMilli: 500 })]);
        const ask = async (readMask: string[]) =>
          (await api.listRegistrations({ domain, pageSize: 0, pageToken: '', readMask }, context))
            .registrations[0];
        expect(await ask(['aor'])).toEqual({
          aor: `sip:a@${domain}`,
          bindings: [],
          expireTime: undefined,
          etag: '',
        });
        const contacts = await ask(['bindings.contact', 'etag']);
        expect(contacts).toMatchObject({
          aor: '',
          etag: expect.stringMatching(/.+/),
          bindings: [{ contact: 'sip:a@h', q: 0, callId: '' }],
        });
        await expect(ask(['bindings.password'])).rejects.toMatchObject({
          code: 3,
          reason: 'READ_MASK_INVALID',
        });
      });

      it('PAGE_TOKEN_INVALID: a token serves its own query only, on every process', async () => {
        const domain = newDomain();
        for (let index = 0; index < 3; index += 1) await bind(`sip:u${index}@${domain}`, [update('sip:a@h')]);
        const query = { domain, pageSize: 1, pageToken: '', readMask: undefined };
        const { nextPageToken } = await api.listRegistrations(query, context);
        const flipped = (nextPageToken.startsWith('A') ? 'B' : 'A') + nextPageToken.slice(1);
        for (const wrong of [
          { ...query, pageToken: nextPageToken, domain: newDomain() },
          { ...query, pageToken: nextPageToken, readMask: ['aor'] },
          { ...query, pageToken: flipped },
          { ...query, pageToken: 'x' },
        ]) {
          await expect(api.listRegistrations(wrong, context)).rejects.toMatchObject({
            code: 3,
            reason: 'PAGE_TOKEN_INVALID',
          });
        }
        const larger = { ...query, pageSize: 2, pageToken: nextPageToken };
        expect((await api.listRegistrations(larger, context)).registrations).toHaveLength(2);
        if (place.target.kind === 'memory') return;
        const other = startLocation(place.target);
        try {
          expect((await other.api.listRegistrations(larger, context)).registrations).toHaveLength(2);
        } finally {
          await other.close();
        }
      });

      it.each(['', 'a b', 'example.com:5060', 'u@example.com', 'example.com;a=b', '*'])(
        'DOMAIN_INVALID: %j',
        async (domain) => {
          const query = { domain, pageSize: 0, pageToken: '', readMask: undefined };
          const refused = { code: 3, reason: 'DOMAIN_INVALID' };
          await expect(api.listRegistrations(query, context)).rejects.toMatchObject(refused);
        },
      );

      it('PAGE_SIZE_INVALID: less than none; more than 1,000 is 1,000', async () => {
        const query = { domain: 'example.com', pageToken: '', readMask: undefined };
        const less = api.listRegistrations({ ...query, pageSize: -1 }, context);
        await expect(less).rejects.toMatchObject({ code: 3, reason: 'PAGE_SIZE_INVALID' });
        expect((await api.listRegistrations({ ...query, pageSize: 9999 }, context)).nextPageToken).toBe('');
      });
    });

    describe('DeleteBinding and DeleteRegistration', () => {
      const get = async (aor: string) => (await api.getRegistration({ aor }, context)).registration;

      it('removes one binding, then all', async () => {
        const aor = `sip:a@${newDomain()}`;
        await bind(aor, [update('sip:a@h'), update('sip:b@h')]);
        const before = await get(aor);
        const [first] = before?.bindings ?? [];
        const { registration } = await api.deleteBinding(
          { aor, bindingId: first?.bindingId ?? '', etag: before?.etag ?? '', allowMissing: false },
          context,
        );
        expect(registration?.bindings).toHaveLength(1);
        expect(registration?.bindings[0]?.contact).not.toBe(first?.contact);
        expect((await get(aor))?.etag).toBe(registration?.etag);
        await api.deleteRegistration({ aor, etag: '', allowMissing: false }, context);
        expect(await get(aor)).toMatchObject({ bindings: [], etag: '' });
      });

      it('ETAG_MISMATCH: removes nothing where the registration has changed since', async () => {
        const aor = `sip:a@${newDomain()}`;
        await bind(aor, [update('sip:a@h')]);
        const { etag = '', bindings = [] } = (await get(aor)) ?? {};
        await bind(aor, [update('sip:a@h')], { cseq: 2 });
        const bindingId = bindings[0]?.bindingId ?? '';
        const refused = { code: 10, reason: 'ETAG_MISMATCH' };
        const removeAll = api.deleteRegistration({ aor, etag, allowMissing: true }, context);
        await expect(removeAll).rejects.toMatchObject(refused);
        const removeOne = api.deleteBinding({ aor, bindingId, etag, allowMissing: true }, context);
        await expect(removeOne).rejects.toMatchObject(refused);
        expect((await get(aor))?.bindings).toMatchObject([{ bindingId, cseq: 2 }]);
      });

      it('BINDING_NOT_FOUND: unless the caller does not mind', async () => {
        const aor = `sip:a@${newDomain()}`;
        const missing = { code: 5, reason: 'BINDING_NOT_FOUND' };
        const binding = { aor, bindingId: 'none', etag: '' };
        await expect(api.deleteBinding({ ...binding, allowMissing: false }, context)).rejects.toMatchObject(
          missing,
        );
        await expect(
          api.deleteRegistration({ aor, etag: '', allowMissing: false }, context),
        ).rejects.toMatchObject(missing);
        expect((await api.deleteBinding({ ...binding, allowMissing: true }, context)).registration).toEqual({
          aor,
          bindings: [],
          expireTime: undefined,
          etag: '',
        });
      });

      it('credentials used before a removal do not bring the binding back', async () => {
        const aor = `sip:a@${newDomain()}`;
        const nonce = { nonce: 'n', nc: 1, issuedAtMs: Date.now(), expiresAtMs: Date.now() + 60_000 };
        await bind(aor, [update('sip:a@h')], { nonce });
        await api.deleteRegistration({ aor, etag: '', allowMissing: false }, context);
        await bind(aor, [update('sip:evil@h')], { nonce });
        expect((await get(aor))?.bindings).toEqual([]);
      });
    });

    describe('WatchRegistrations', () => {
      const watchWith = (request: Partial<WatchRegistrationsRequest>, pace?: { taken: number }) =>
        new Watched(api, request, pace);

      it('tells the state, that it is complete, and then each change in order', async () => {
        const domain = newDomain();
        const [aor, other] = [`sip:a@${domain}`, `sip:b@${domain}`];
        await bind(aor, [update('sip:a@h')]);
        const watch = watchWith({ aors: [aor, other] });
        await watch.complete();
        expect(watch.types()).toEqual(['SNAPSHOT']);
        await bind(aor, [update('sip:a@h', { qMilli: 300 })], { cseq: 2 });
        await bind(other, [update('sip:b@h')]);
        await bind(`sip:c@${domain}`, [update('sip:c@h')]);
        await bind(aor, [], { cseq: 3, removeAll: true });
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
        const aor = `sip:a@${newDomain()}`;
        await bind(aor, [update('sip:a@h')]);
        const watch = watchWith({ aors: [aor], skipInitialState: true });
        await watch.complete();
        await bind(aor, [update('sip:a@h', { qMilli: 300 })], { cseq: 2 });
        const [event] = await watch.until((events) => events.length === 1);
        expect(event).toMatchObject({ type: EventType.REFRESHED, binding: { cseq: 2, contact: 'sip:a@h' } });
        expect(event?.binding?.q).toBeCloseTo(0.3);
        expect(event?.bindingId).toBe(event?.binding?.bindingId);
        watch.cancel();
      });

      it('tells a domain, whatever changes while its state is read', async () => {
        const domain = newDomain();
        const aors = Array.from({ length: 300 }, (_, index) => `sip:u${index}@${domain}`);
        for (const aor of aors) await bind(aor, [update('sip:a@h')]);
        const watch = watchWith({ domain });
        // While the state is read: half of them go, the other half gets a second contact.
        await Promise.all(
          aors.map((aor, index) =>
            index % 2 === 0
              ? bind(aor, [], { cseq: 2, removeAll: true })
              : bind(aor, [update('sip:b@h')], { cseq: 2 }),
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
        const aor = `sip:a@${newDomain()}`;
        const watch = watchWith({ aors: [aor] });
        await watch.complete();
        await bind(aor, [update('sip:a@h', { expiresSec: 1 })]);
        const events = await watch.until((all) => all.some(({ type }) => type === EventType.EXPIRED));
        expect(events.at(-1)).toMatchObject({ aor, binding: { contact: 'sip:a@h' } });
        const { binding } = events.at(-1) ?? {};
        expect(Date.now() - Number(binding?.expireTime)).toBeLessThan(2200);
        watch.cancel();
      });

      it('resumes after the last token: nothing twice, nothing lost', async () => {
        const domain = newDomain();
        const aor = `sip:a@${domain}`;
        for (const request of [{ aors: [aor] }, { domain }]) {
          const first = watchWith(request);
          await first.complete();
          await bind(aor, [update('sip:a@h')], { callId: JSON.stringify(request) });
          await first.until((events) => events.some(({ type }) => type === EventType.CREATED));
          first.cancel();
          await bind(aor, [], { callId: 'b', removeAll: true });
          await bind(aor, [update('sip:b@h')], { callId: 'c' });
          const second = watchWith({ ...request, resumeToken: first.token });
          await second.until((events) => events.length === 2);
          expect(second.types()).toEqual(['REMOVED', 'CREATED']);
          second.cancel();
          await bind(aor, [], { callId: 'd', removeAll: true });
        }
      });

      it('REVISION_COMPACTED: where changes since the token are gone', async () => {
        const aor = `sip:a@${newDomain()}`;
        const first = watchWith({ aors: [aor] });
        await first.complete();
        await bind(aor, [update('sip:a@h')]);
        await first.until((events) => events.length === 1);
        first.cancel();
        for (let cseq = 2; cseq < 5 * watchHistory; cseq += 1) {
          await bind(aor, [update('sip:a@h')], { cseq });
        }
        const second = watchWith({ aors: [aor], resumeToken: first.token });
        expect(await second.ended()).toMatchObject({ code: 11, reason: 'REVISION_COMPACTED' });
        expect(second.events).toEqual([]);
      });

      it('SLOW_CONSUMER: a reader that does not keep up is ended, with a token to resume from', async () => {
        const domain = newDomain();
        const aors = Array.from({ length: 64 }, (_, index) => `sip:u${index}@${domain}`);
        const slow = watchWith({ domain }, { taken: 1 });
        await slow.complete();
        const contacts = Array.from({ length: 5 }, (_, index) => update(`sip:a@h${index}`));
        let cseq = 1;
        const churn = async () => {
          await Promise.all(aors.map((aor) => bind(aor, contacts, { cseq, maxBindings: 10 })));
          await Promise.all(aors.map((aor) => bind(aor, [], { cseq: cseq + 1, removeAll: true })));
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
        const domain = newDomain();
        const watch = watchWith({ domain });
        await watch.complete();
        watch.cancel();
        for (const resumeToken of ['x', '1~~0~', `${watch.token}*`, `${watch.token}~1`]) {
          expect(() => watchWith({ domain, resumeToken })).toThrow(
            expect.objectContaining({ code: 3, reason: 'RESUME_TOKEN_INVALID' }),
          );
        }
        expect(() => watchWith({ domain: newDomain(), resumeToken: watch.token })).toThrow(
          expect.objectContaining({ reason: 'RESUME_TOKEN_INVALID' }),
        );
      });
    });
  });
}

const typeNames = Object.fromEntries(Object.entries(EventType).map(([key, value]) => [value, key]));

/** One watch, and all that it was told. */
class Watched {
  readonly events: RegistrationEvent[] = [];
  token = '';
  #isComplete = false;
  #fault: { fault: ServiceFault | undefined } | undefined;
  #taken = 0;
  readonly #wakeUps = new Set<() => void>();
  readonly #stream: { cancel(): void };

  /** @param pace how many responses are taken; all of them by default */
  constructor(api: LocationApiCalls, request: Partial<WatchRegistrationsRequest>, pace?: { taken: number }) {
    const all = { aors: [], domain: '', resumeToken: '', skipInitialState: false, ...request };
    this.#stream = api.watchRegistrations(all, {
      onResponse: (response) => {
        this.#take(response);
        this.#taken += 1;
        return pace === undefined || this.#taken < pace.taken;
      },
      onEnd: (fault) => {
        this.#fault = { fault };
        this.#wake();
      },
    });
  }

  cancel(): void {
    this.#stream.cancel();
  }

  types(aor?: string): string[] {
    return this.events
      .filter((each) => aor === undefined || each.aor === aor)
      .map(({ type }) => typeNames[type] ?? '');
  }

  /** What is bound to an AOR by now, as a reader of the events would think. */
  bound(aor: string): Set<string> {
    const bound = new Set<string>();
    for (const event of this.events.filter((each) => each.aor === aor)) {
      const isGone = event.type === EventType.REMOVED || event.type === EventType.EXPIRED;
      if (isGone) bound.delete(event.bindingId);
      else bound.add(event.bindingId);
    }
    return bound;
  }

  async complete(): Promise<void> {
    await this.#wait(() => this.#isComplete);
  }

  async until(isDone: (events: readonly RegistrationEvent[]) => boolean): Promise<RegistrationEvent[]> {
    await this.#wait(() => isDone(this.events));
    return this.events;
  }

  async ended(): Promise<ServiceFault | undefined> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.#fault !== undefined) resolve();
      };
      this.#wakeUps.add(look);
      look();
    });
    return this.#fault?.fault;
  }

  #take({ events, resumeToken, initialStateComplete }: WatchRegistrationsResponse): void {
    this.events.push(...events);
    this.token = resumeToken;
    this.#isComplete ||= initialStateComplete;
    this.#wake();
  }

  #wake(): void {
    for (const wakeUp of [...this.#wakeUps]) wakeUp();
  }

  #wait(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (isDone()) resolve();
        else if (this.#fault !== undefined) reject(this.#fault.fault ?? new Error('it ended'));
        else return;
        this.#wakeUps.delete(look);
      };
      this.#wakeUps.add(look);
      look();
    });
  }
}
