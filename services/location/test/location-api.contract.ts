import type { ListRegistrationsRequest, LocationApiCalls } from '@rollcall/rpc';
import { createLogger, Metrics, systemClock } from '@rollcall/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register, update } from '../../../libs/bindings/test/make-registration.ts';
import { readLocationConfig } from '../src/config.ts';
import { composeLocation, type Location, type StoreTarget } from '../src/index.ts';
import { describeWatches, watchHistory } from './watch-api.contract.ts';

/** A place for records, and how a location process finds it. */
export interface ApiPlace {
  readonly target: StoreTarget;
  close(): Promise<void>;
}

const context = { timeoutMs: 10_000, traceparent: '' };
const logger = createLogger({ service: 'location', level: 'silent', format: 'json' });
let domains = 0;

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
        for (const path of ['bindings.password', 'constructor', 'bindings.toString', '__proto__'])
          await expect(ask([path]), path).rejects.toMatchObject({ code: 3, reason: 'READ_MASK_INVALID' });
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

      it('an IPv6 address is a domain, however it is written', async () => {
        const group = Math.floor(Math.random() * 0xffff).toString(16);
        await bind(`sip:a@[2001:db8::1:${group}]`, [update('sip:a@h')]);
        const query = { pageSize: 0, pageToken: '', readMask: undefined };
        for (const domain of [`[2001:db8::1:${group}]`, `[2001:DB8:0::1:${group}]`])
          expect((await api.listRegistrations({ ...query, domain }, context)).registrations).toHaveLength(1);
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

      it('BINDING_ID_MISSING: a forgotten name is no deletion, and no success', async () => {
        const aor = `sip:a@${newDomain()}`;
        await bind(aor, [update('sip:a@h')]);
        const nameless = { aor, bindingId: '', etag: '', allowMissing: true };
        const refused = { code: 3, reason: 'BINDING_ID_MISSING' };
        await expect(api.deleteBinding(nameless, context)).rejects.toMatchObject(refused);
        expect((await get(aor))?.bindings).toHaveLength(1);
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

    describeWatches({
      get api() {
        return api;
      },
      bind,
      newDomain,
    });
  });
}
