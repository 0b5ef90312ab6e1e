import type { BindingRecord } from '@rollcall/bindings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nonceUse as nonceAt, register, update } from '../../../libs/bindings/test/make-registration.ts';
import type { BindingStore } from '../src/store/binding-store.ts';
import { farAway, newAor, openTestTable } from './make-store.ts';

/** A place for records that one or more processes open. */
export interface StorePlace {
  /** The place as one more process sees it. */
  open(): BindingStore;
  close(): Promise<void>;
}

const nonceUse = (nonce: string, nc: number) =>
  nonceAt(nonce, nc, { issuedAtMs: Date.now(), expiresAtMs: Date.now() + 60_000 });

/** What a store promises, and what the binding table makes of it: the same for every kind of store. */
export function describeBindingStore(name: string, make: () => Promise<StorePlace>): void {
  describe(`binding store: ${name}`, () => {
    let place: StorePlace;
    let here: BindingStore;
    let there: BindingStore;

    beforeAll(async () => {
      place = await make();
      here = place.open();
      there = place.open();
      await here.get(newAor());
    });
    afterAll(() => place?.close());

    describe('records', () => {
      it('has revision 0 and no record for an AOR never written', async () => {
        expect(await here.get(newAor())).toEqual({ revision: 0, record: undefined });
      });

      it('gives what was written to everyone, byte-exact', async () => {
        const aor = newAor();
        const record = oneBinding('sip:\u00c3\u00bc\u00ff@h', Date.now() + 60_000);
        expect(await here.compareAndSet(aor, 0, { record, changes: [] })).toBeUndefined();
        const seen = await there.get(aor);
        expect(seen.record).toEqual(record);
        expect(seen.revision).toBeGreaterThan(0);
        expect(here.recall(aor)).toEqual(seen);
      });

      it('changes nothing on another revision, and says what is there', async () => {
        const aor = newAor();
        const record = oneBinding('sip:a@h', Date.now() + 60_000);
        const absent = await here.compareAndSet(aor, 77, { record, changes: [] });
        expect(absent).toEqual({ revision: 0, record: undefined });
        await here.compareAndSet(aor, 0, { record, changes: [] });
        const current = await there.compareAndSet(aor, 0, { record: undefined, changes: [] });
        expect(current?.record).toEqual(record);
        expect(await there.get(aor)).toEqual(current);
      });

      it('takes records at the same moment each for itself: those that others have changed, and those that go', async () => {
        const records = Array.from({ length: 200 }, (_, index) => ({
          aor: newAor(),
          record: oneBinding(`sip:${index}@h`, Date.now() + 60_000),
        }));
        const isTaken = (index: number) => index % 3 === 1;
        for (const [index, { aor, record }] of records.entries())
          if (isTaken(index)) await there.compareAndSet(aor, 0, { record, changes: [] });
        const [binding] = records[0]?.record.bindings ?? [];
        if (binding === undefined) throw new Error('no binding');
        const changes = [{ change: 'created', binding }] as const;
        const outcomes = await Promise.all(
          records.map(({ aor, record }, index) =>
            here.compareAndSet(aor, 0, { record, changes: index % 2 === 0 ? [] : changes }),
          ),
        );
        for (const [index, { aor, record }] of records.entries()) {
          expect(outcomes[index]?.record).toEqual(isTaken(index) ? record : undefined);
          expect((await there.get(aor)).record).toEqual(record);
        }
        const removals = await Promise.all(
          records.map(({ aor }) =>
            here.compareAndSet(aor, here.recall(aor).revision, { record: undefined, changes: [] }),
          ),
        );
        expect(removals.filter((each) => each !== undefined)).toEqual([]);
        for (const { aor } of records) expect((await there.get(aor)).record).toBeUndefined();
      });

      it('never gives a revision twice, even where the record was gone in between', async () => {
        const aor = newAor();
        const record = oneBinding('sip:a@h', Date.now() + 60_000);
        const seen = new Set<number>();
        for (let round = 0; round < 20; round += 1) {
          await here.compareAndSet(aor, 0, { record, changes: [] });
          const { revision } = await here.get(aor);
          seen.add(revision);
          await here.compareAndSet(aor, revision, { record: undefined, changes: [] });
          expect(await here.get(aor)).toEqual({ revision: 0, record: undefined });
        }
        expect(seen.size).toBe(20);
      });

      it('CN6: AORs that look like keys, patterns or commands are apart from each other', async () => {
        const users = ['a', 'a:b', 'a%7D', 'a{1}', '*', 'a%0D%0ADEL', 'exp', 'a?b', 'A'];
        const aors = users.map((user) => `sip:${user}@${process.pid}.isolated`);
        for (const [index, aor] of aors.entries()) {
          const record = oneBinding(`sip:${index}@h`, Date.now() + 60_000);
          expect(await here.compareAndSet(aor, 0, { record, changes: [] })).toBeUndefined();
        }
        for (const [index, aor] of aors.entries()) {
          expect((await there.get(aor)).record?.bindings[0]?.uri).toBe(`sip:${index}@h`);
        }
      });
    });

    describe('what is due', () => {
      it('names an AOR from its expiry on until it is written, and not before', async () => {
        const aor = newAor();
        const atMs = Math.ceil(Date.now() / 1000) * 1000 + 30_000;
        const record = oneBinding('sip:a@h', atMs);
        await here.compareAndSet(aor, 0, { record, changes: [] });
        expect((await here.takeDue(atMs - 1)).aors).not.toContain(aor);
        expect((await here.takeDue(atMs)).aors).toContain(aor);
        expect((await here.takeDue(atMs + 5000)).aors).toContain(aor);
        const { revision } = await here.get(aor);
        const refreshed = oneBinding('sip:a@h', atMs + 60_000);
        await here.compareAndSet(aor, revision, { record: refreshed, changes: [] });
        expect((await here.takeDue(atMs + 5000)).aors).not.toContain(aor);
      });

      it('never names an AOR that has only replay state', async () => {
        const aor = newAor();
        const nonce = {
          nonce: 'n',
          nc: 1,
          issuedAtMs: Date.now(),
          expiresAtMs: Date.now() + 60_000,
          requestKey: 'k',
        };
        await here.compareAndSet(aor, 0, {
          record: { bindings: [], nonces: [nonce], nonceFloorMs: 0 },
          changes: [],
        });
        expect((await here.takeDue(Date.now() + 30_000)).aors).not.toContain(aor);
        expect((await here.get(aor)).record?.nonces).toHaveLength(1);
      });
    });

    it('forgets no AOR that is not due, or has a record', async () => {
      const aor = newAor();
      expect(await here.forgetDue(aor)).toBe(false);
      await here.compareAndSet(aor, 0, { record: oneBinding('sip:a@h', Date.now() - 1), changes: [] });
      expect(await here.forgetDue(aor)).toBe(false);
    });

    describe('through the binding table', () => {
      it('R10.3-0c: a hundred registrations at once through two processes lose and invent nothing', async () => {
        const aor = newAor();
        const tables = [openTestTable(here), openTestTable(there)];
        const numbers = Array.from({ length: 100 }, (_, index) => index);
        await Promise.all(
          numbers.map((index) => {
            const registration = register([update(`sip:a@h${index}`)], {
              callId: `c${index}`,
              maxBindings: 100,
            });
            return tables[index % 2]?.table.apply(aor, registration, farAway);
          }),
        );
        const bindings = await openTestTable(here).table.lookUp(aor);
        expect(bindings.map(({ uri }) => uri).sort()).toEqual(
          numbers.map((index) => `sip:a@h${index}`).sort(),
        );
        const created = tables.flatMap(({ events }) => events.filter(({ change }) => change === 'created'));
        expect(created).toHaveLength(100);
      });

      it('CN2: of a hundred registrations with shuffled CSeq the highest stays', async () => {
        const aor = newAor();
        const tables = [openTestTable(here), openTestTable(there)];
        // A fixed shuffle: 37 and 101 have no common divisor, so each number from 1 to 100 comes once.
        const shuffled = Array.from({ length: 100 }, (_, index) => ((index + 1) * 37) % 101);
        const results = await Promise.all(
          shuffled.map((cseq, index) => {
            const registration = register([update('sip:a@h', { qMilli: cseq })], { cseq });
            return tables[index % 2]?.table.apply(aor, registration, farAway);
          }),
        );
        const bindings = await openTestTable(here).table.lookUp(aor);
        expect(bindings).toMatchObject([{ cseq: 100, qMilli: 100 }]);
        const applied = results.filter((result) => result?.outcome === 'applied').length;
        const outOfOrder = results.filter((result) => result?.outcome === 'out-of-order').length;
        expect(applied + outOfOrder).toBe(100);
        const events = tables.flatMap((each) => each.events);
        expect(events.map(({ change }) => change).sort()).toEqual(
          ['created', ...Array.from({ length: applied - 1 }, () => 'refreshed')].sort(),
        );
      });

      it('R10.3-7m: a limit holds against registrations at the same moment', async () => {
        const aor = newAor();
        const tables = [openTestTable(here), openTestTable(there)];
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, index) => {
            const registration = register([update(`sip:a@h${index}`)], {
              callId: `c${index}`,
              maxBindings: 3,
            });
            return tables[index % 2]?.table.apply(aor, registration, farAway);
          }),
        );
        expect(results.filter((result) => result?.outcome === 'applied')).toHaveLength(3);
        expect(await openTestTable(here).table.lookUp(aor)).toHaveLength(3);
      });

      it('A10: one nonce count used at two processes at once is accepted by one of them', async () => {
        const aor = newAor();
        const use = nonceUse('n', 1);
        const results = await Promise.all(
          [here, there].map((store, index) => {
            const registration = register([update(`sip:a@h${index}`)], { callId: `c${index}`, nonce: use });
            return openTestTable(store).table.apply(aor, registration, farAway);
          }),
        );
        expect(results.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'nonce-replayed']);
      });

      it('T6: a retransmission to another process gets the first answer and makes no event', async () => {
        const aor = newAor();
        const request = register([update('sip:a@h')], { nonce: nonceUse('n', 1) });
        const first = await openTestTable(here).table.apply(aor, request, farAway);
        const other = openTestTable(there);
        const again = await other.table.apply(aor, request, farAway);
        expect(again.outcome).toBe('applied');
        expect(again.bindings).toEqual(first.bindings);
        expect(other.events).toEqual([]);
      });

      it('decides nothing on what a process remembers wrongly', async () => {
        const aor = newAor();
        const [a, b] = [openTestTable(here), openTestTable(there)];
        await a.table.apply(aor, register([update('sip:a@h')], { cseq: 5 }), farAway);
        await b.table.apply(aor, register([], { callId: 'b', removeAll: true }), farAway);
        // What a remembers would make this out of order, and the fetch list one binding.
        const late = register([update('sip:a@h')], { cseq: 4 });
        expect((await a.table.apply(aor, register([], { cseq: 6 }), farAway)).bindings).toEqual([]);
        expect((await a.table.apply(aor, late, farAway)).outcome).toBe('applied');
      });

      it('a removal leaves nothing but live replay state', async () => {
        const aor = newAor();
        const { table } = openTestTable(here);
        await table.apply(aor, register([update('sip:a@h')], { nonce: nonceUse('n', 1) }), farAway);
        const star = register([], { cseq: 2, removeAll: true, nonce: nonceUse('n', 2) });
        await table.apply(aor, star, farAway);
        const { record } = await there.get(aor);
        expect(record).toMatchObject({ bindings: [], nonces: [{ nonce: 'n', nc: 2 }] });
      });

      it('a removal without replay state leaves nothing at all', async () => {
        const aor = newAor();
        const { table } = openTestTable(here);
        await table.apply(aor, register([update('sip:a@h')]), farAway);
        await table.apply(aor, register([], { cseq: 2, removeAll: true }), farAway);
        expect(await there.get(aor)).toEqual({ revision: 0, record: undefined });
      });

      it('R10.3-8c: an expired binding is not found even before it is swept', async () => {
        const aor = newAor();
        const { table } = openTestTable(here);
        await table.apply(aor, register([update('sip:a@h', { expiresSec: -1 })]), farAway);
        const record = oneBinding('sip:a@h', Date.now() - 1);
        const known = await here.get(aor);
        await here.compareAndSet(aor, known.revision, { record, changes: [] });
        expect(await table.lookUp(aor)).toEqual([]);
      });

      it('announces an expiry once, within 2 s of it, whichever process sweeps', async () => {
        const aor = newAor();
        const tables = [openTestTable(here), openTestTable(there)];
        const [first] = tables;
        if (first === undefined) throw new Error('no table');
        for (const { sweep } of tables) sweep.start();
        try {
          const { bindings } = await first.table.apply(
            aor,
            register([update('sip:a@h', { expiresSec: 1 })]),
            farAway,
          );
          const event = await Promise.race(tables.map((each) => each.event(aor, 'expired')));
          const expiresAtMs = bindings[0]?.expiresAtMs ?? 0;
          expect(event.binding?.uri).toBe('sip:a@h');
          expect(event.atMs).toBeGreaterThanOrEqual(expiresAtMs);
          expect(event.atMs - expiresAtMs).toBeLessThan(2000);
        } finally {
          await Promise.all(tables.map(({ sweep }) => sweep.stop()));
        }
        const expired = tables.flatMap(({ events }) =>
          events.filter((event) => event.aor === aor && event.change === 'expired'),
        );
        expect(expired).toHaveLength(1);
        expect(await here.get(aor)).toEqual({ revision: 0, record: undefined });
      });

      it('announces each of thousands that expire together once, while others are refreshed without an end', async () => {
        const tables = [openTestTable(here), openTestTable(there)];
        const [first, second] = tables;
        if (first === undefined || second === undefined) throw new Error('no table');
        const leaving = new Map(Array.from({ length: 3000 }, () => [newAor(), 0]));
        const staying = Array.from({ length: 64 }, () => newAor());
        let refreshes = 0;
        let goesOn = true;
        const refreshing = staying.map(async (aor, index) => {
          for (let cseq = 1; goesOn; cseq += 1) {
            const table = (index % 2 === 0 ? first : second).table;
            await table.apply(aor, register([update('sip:a@h', { expiresSec: 60 })], { cseq }), farAway);
            refreshes += 1;
            // A store in memory answers within the turn: others would never have theirs.
            await new Promise(setImmediate);
          }
        });
        for (const { sweep } of tables) sweep.start();
        await Promise.all(
          [...leaving.keys()].map(async (aor, index) => {
            const table = (index % 2 === 0 ? first : second).table;
            const { bindings } = await table.apply(
              aor,
              register([update('sip:a@h', { expiresSec: 2 })]),
              farAway,
            );
            leaving.set(aor, bindings[0]?.expiresAtMs ?? 0);
          }),
        );
        const refreshesBefore = refreshes;
        await Promise.all(
          [...leaving.keys()].map((aor) => Promise.race(tables.map((each) => each.event(aor, 'expired')))),
        );
        expect(refreshes).toBeGreaterThan(refreshesBefore);
        goesOn = false;
        await Promise.all(refreshing);
        await Promise.all(tables.map(({ sweep }) => sweep.stop()));
        const expired = tables.flatMap(({ events }) => events.filter(({ change }) => change === 'expired'));
        const own = expired.filter(({ aor }) => leaving.has(aor));
        expect(own).toHaveLength(leaving.size);
        for (const { aor, binding, atMs } of own) {
          expect(binding?.uri).toBe('sip:a@h');
          expect(atMs).toBeGreaterThanOrEqual(leaving.get(aor) ?? Number.POSITIVE_INFINITY);
        }
        expect(expired.filter(({ aor }) => staying.includes(aor))).toEqual([]);
      });
    });
  });
}

function oneBinding(uri: string, expiresAtMs: number): BindingRecord {
  const binding = {
    uri,
    params: ';audio',
    expiresAtMs,
    qMilli: 500,
    instanceId: 'urn:uuid:1',
    regId: 1,
    path: ['<sip:edge;lr>'],
    flow: { edge: 'e', token: 't', transport: 1 as const, localAddress: 'l:1', remoteAddress: 'r:2' },
    registeredAtMs: expiresAtMs - 60_000,
    callId: 'call',
    cseq: 4_294_967_295,
    branch: 'z9hG4bK1',
    userAgent: 'phone',
  };
  return { bindings: [binding], nonces: [], nonceFloorMs: 0 };
}
