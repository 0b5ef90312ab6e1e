import { describe, expect, it } from 'vitest';
import { nowMs, register, update } from '../test/make-registration.ts';
import { applyRegistration, type BindingRecord, type Registration, remainingSec } from './index.ts';

/** Applies registrations one after the other, a second apart. */
function after(...registrations: Registration[]): BindingRecord | undefined {
  let record: BindingRecord | undefined;
  registrations.forEach((registration, index) => {
    record = applyRegistration(record, registration, nowMs + index * 1000).record;
  });
  return record;
}

const uris = (record: BindingRecord | undefined) => record?.bindings.map((binding) => binding.uri);
const c1 = update('sip:alice@192.0.2.1');
const c2 = update('sip:alice@192.0.2.2');

describe('binding and refreshing', () => {
  it('R10.3-7j: keeps Call-ID, CSeq, q and all contact parameters with the binding', () => {
    const { outcome, bindings, changes, changed } = applyRegistration(
      undefined,
      register([update('sip:a@h', { params: ';foo="b,c"', qMilli: 700 })], {
        path: ['<sip:p1;lr>', '<sip:p2;lr>'],
      }),
      nowMs,
    );
    expect({ outcome, changed, change: changes[0]?.change }).toEqual({
      outcome: 'applied',
      changed: true,
      change: 'created',
    });
    expect(bindings).toMatchObject([
      {
        uri: 'sip:a@h',
        params: ';foo="b,c"',
        qMilli: 700,
        callId: 'a',
        cseq: 1,
        path: ['<sip:p1;lr>', '<sip:p2;lr>'],
        expiresAtMs: nowMs + 600_000,
        registeredAtMs: nowMs,
      },
    ]);
  });

  it('R10.3-6a: a fetch changes nothing and returns all', () => {
    const record = after(register([c1, c2]));
    const result = applyRegistration(record, register([], { cseq: 2 }), nowMs + 1000);
    expect(result).toMatchObject({ outcome: 'applied', changed: false, changes: [] });
    expect(result.bindings).toEqual(record?.bindings);
    expect(result.record).toBe(record);
  });

  it('R10.3-8d: a refresh resets the lifetime and replaces q, parameters and Path', () => {
    const first = register([update('sip:a@h', { params: ';audio', qMilli: 500 })], { path: ['<sip:p;lr>'] });
    const record = after(first, register([update('sip:a@h', { expiresSec: 120 })], { cseq: 2 }));
    expect(record?.bindings).toMatchObject([
      { params: '', qMilli: undefined, path: [], expiresAtMs: nowMs + 1000 + 120_000 },
    ]);
  });

  it('R10.3-7h: another Call-ID updates whatever its CSeq', () => {
    const result = applyRegistration(
      after(register([c1], { cseq: 900 })),
      register([c1], { callId: 'b', cseq: 1 }),
      nowMs,
    );
    expect(result.outcome).toBe('applied');
    expect(result.changes.map((each) => each.change)).toEqual(['refreshed']);
    expect(result.bindings).toMatchObject([{ callId: 'b', cseq: 1 }]);
  });

  it('R10.3-8a: lists all bindings in the order in which they were created', () => {
    const record = after(register([c1]), register([c2], { cseq: 2 }), register([c1], { cseq: 3 }));
    expect(uris(record)).toEqual([c1.uri, c2.uri]);
  });

  it('R10.3-7g: matches a binding by URI comparison, not by text', () => {
    const record = after(
      register([update('sip:%61lice@atlanta.com;transport=TCP')]),
      register([update('SIP:alice@AtLanTa.CoM;Transport=tcp')], { cseq: 2 }),
    );
    expect(uris(record)).toEqual(['SIP:alice@AtLanTa.CoM;Transport=tcp']);
  });
});

describe('removing', () => {
  it('R10.3-7f: expires=0 removes only its binding, and nothing where there is none', () => {
    const record = after(register([c1, c2]));
    const removed = applyRegistration(record, register([{ ...c1, expiresSec: 0 }], { cseq: 2 }), nowMs);
    expect(uris(removed.record)).toEqual([c2.uri]);
    expect(removed.changes).toMatchObject([{ change: 'removed', binding: { uri: c1.uri } }]);
    const unknown = register([update('sip:x@y', { expiresSec: 0 })], { cseq: 3 });
    expect(applyRegistration(removed.record, unknown, nowMs)).toMatchObject({
      outcome: 'applied',
      changed: false,
    });
  });

  it('R10.3-6b: "*" removes all and leaves no record', () => {
    const result = applyRegistration(
      after(register([c1, c2])),
      register([], { cseq: 2, removeAll: true }),
      nowMs,
    );
    expect(result).toMatchObject({ outcome: 'applied', record: undefined, bindings: [] });
    expect(result.changes.map((each) => each.change)).toEqual(['removed', 'removed']);
  });

  it('R10.3-6e: "*" with the Call-ID and a CSeq not higher than that of any binding removes none', () => {
    const record = after(register([c1], { cseq: 5 }), register([c2], { callId: 'b' }));
    const star = register([], { cseq: 5, branch: 'z9hG4bK-new', removeAll: true });
    expect(applyRegistration(record, star, nowMs)).toMatchObject({ outcome: 'out-of-order', changed: false });
    // Not even with the binding's own branch: a request with a Contact and one with "*" are two requests.
    const sameBranch = { ...star, branch: 'z9hG4bK-a-5' };
    expect(applyRegistration(record, sameBranch, nowMs).outcome).toBe('out-of-order');
    expect(applyRegistration(record, { ...star, cseq: 6 }, nowMs).bindings).toEqual([]);
  });
});

describe('order and repetition', () => {
  it('R10.3-7i: the same Call-ID with a CSeq not higher changes nothing, other contacts included', () => {
    const record = after(register([c1], { cseq: 5 }));
    for (const cseq of [4, 5]) {
      const late = register([c2, c1], { cseq, branch: 'z9hG4bK-late' });
      const result = applyRegistration(record, late, nowMs);
      expect(result).toMatchObject({ outcome: 'out-of-order', changed: false, changes: [] });
      expect(result.record).toBe(record);
    }
  });

  it('T6: the same Call-ID, CSeq and branch is answered as the first time, and changes nothing', () => {
    const request = register([c1, c2]);
    const record = after(request);
    const again = applyRegistration(record, request, nowMs + 5000);
    expect(again).toMatchObject({ outcome: 'applied', changed: false, changes: [] });
    expect(again.bindings).toEqual(record?.bindings);
  });

  it('a repetition does not bring back what another registration has removed since', () => {
    const request = register([c1, c2]);
    const record = after(request, register([{ ...c2, expiresSec: 0 }], { callId: 'b' }));
    expect(uris(applyRegistration(record, request, nowMs + 5000).record)).toEqual([c1.uri]);
  });

  it('a request without a branch is never taken for a repetition', () => {
    const request = register([c1], { branch: '' });
    expect(applyRegistration(after(request), request, nowMs).outcome).toBe('out-of-order');
  });
});

describe('several contacts', () => {
  it('R10.3-7l: the same contact twice in one request is one binding, as given last', () => {
    const twice = register([update('sip:a@h', { qMilli: 100 }), update('sip:a@H', { qMilli: 200 })]);
    const result = applyRegistration(undefined, twice, nowMs);
    expect(result.bindings).toMatchObject([{ uri: 'sip:a@H', qMilli: 200 }]);
    expect(result.changes.map((each) => each.change)).toEqual(['created']);
    const refreshed = applyRegistration(result.record, { ...twice, cseq: 2, branch: 'z' }, nowMs);
    expect(refreshed.changes.map((each) => each.change)).toEqual(['refreshed']);
  });

  it('a contact removed and bound again by one request stays, with one event', () => {
    const record = after(register([c1]));
    const both = register([{ ...c1, expiresSec: 0 }, c1], { cseq: 2 });
    const result = applyRegistration(record, both, nowMs);
    expect(result.changes.map((each) => each.change)).toEqual(['refreshed']);
    expect(uris(result.record)).toEqual([c1.uri]);
  });

  it('R10.3-7m: one binding too many changes nothing at all', () => {
    const record = after(register([c1]));
    const result = applyRegistration(record, register([c1, c2], { cseq: 2, maxBindings: 1 }), nowMs);
    expect(result).toMatchObject({ outcome: 'too-many-bindings', changed: false });
    expect(result.record).toBe(record);
  });

  it('R10.3-7m: room made by the same request counts; a limit lowered later stops no refresh', () => {
    const record = after(register([c1, c2]));
    const exchange = register([{ ...c1, expiresSec: 0 }, update('sip:new@h')], { cseq: 2, maxBindings: 2 });
    expect(applyRegistration(record, exchange, nowMs).outcome).toBe('applied');
    expect(applyRegistration(record, register([c1], { cseq: 2, maxBindings: 1 }), nowMs).outcome).toBe(
      'applied',
    );
  });

  it('C15: a contact that equals two bindings takes the place of the first; the other goes', () => {
    const on = update('sip:a@h;security=on');
    const off = update('sip:a@h;security=off');
    const record = after(register([on, off]));
    expect(uris(record)).toEqual([on.uri, off.uri]);
    const result = applyRegistration(record, register([update('sip:a@h')], { cseq: 2 }), nowMs);
    expect(uris(result.record)).toEqual(['sip:a@h']);
    expect(result.changes.map((each) => each.change)).toEqual(['refreshed', 'removed']);
  });
});

describe('outbound', () => {
  const flow = (regId: number, uri = 'sip:a@192.0.2.1', instanceId = '<urn:uuid:AB>') =>
    update(uri, { instanceId, regId });

  it('OB1: instance-id and reg-id name the binding, whatever its URI', () => {
    const record = after(
      register([flow(1)]),
      register([flow(1, 'sip:a@198.51.100.9')], { cseq: 2 }),
      register([flow(2, 'sip:a@198.51.100.9')], { cseq: 3 }),
    );
    expect(record?.bindings.map(({ uri, regId }) => [uri, regId])).toEqual([
      ['sip:a@198.51.100.9', 1],
      ['sip:a@198.51.100.9', 2],
    ]);
  });

  it('OB3: an instance-id without reg-id is a plain contact', () => {
    const record = after(
      register([flow(0)]),
      register([flow(0, 'sip:a@198.51.100.9')], { cseq: 2 }),
      register([update('sip:a@192.0.2.1')], { cseq: 3 }),
    );
    expect(uris(record)).toEqual(['sip:a@192.0.2.1', 'sip:a@198.51.100.9']);
  });

  it('OB14: removing a plain contact leaves a flow with the same URI', () => {
    const plain = update('sip:a@192.0.2.1');
    const record = after(register([flow(1), plain]));
    expect(record?.bindings).toHaveLength(2);
    const result = applyRegistration(record, register([{ ...plain, expiresSec: 0 }], { cseq: 2 }), nowMs);
    expect(result.bindings.map(({ regId }) => regId)).toEqual([1]);
  });

  it('OB1: UUIDs name the same instance in either case, other names only in their own', () => {
    const upper = flow(1, 'sip:a@h', 'urn:uuid:F81D4FAE-7DEC');
    const lower = flow(1, 'sip:b@h', 'URN:UUID:f81d4fae-7dec');
    expect(after(register([upper]), register([lower], { cseq: 2 }))?.bindings).toHaveLength(1);
    const x = flow(1, 'sip:a@h', 'urn:x:A');
    expect(
      after(register([x]), register([flow(1, 'sip:b@h', 'urn:x:a')], { cseq: 2 }))?.bindings,
    ).toHaveLength(2);
  });
});

describe('expiry', () => {
  it('R10.3-8c: an expired binding is neither listed nor counted, and is announced with the next write', () => {
    const record = after(register([update('sip:a@h', { expiresSec: 60 })]));
    const laterMs = nowMs + 60_000;
    const fetched = applyRegistration(record, register([], { cseq: 2 }), laterMs);
    expect(fetched).toMatchObject({ changed: false, bindings: [] });
    const next = applyRegistration(record, register([c1], { callId: 'b', maxBindings: 1 }), laterMs);
    expect(next.outcome).toBe('applied');
    expect(next.changes.map((each) => each.change)).toEqual(['expired', 'created']);
    expect(uris(next.record)).toEqual([c1.uri]);
  });

  it('an expired binding orders nothing any more: its Call-ID may begin anew', () => {
    const record = after(register([update('sip:a@h', { expiresSec: 60 })], { cseq: 9 }));
    const anew = applyRegistration(record, register([update('sip:a@h')]), nowMs + 60_000);
    expect(anew.changes.map((each) => each.change)).toEqual(['expired', 'created']);
  });

  it('CN1: a lifetime shows as granted at first, and never as 0', () => {
    const [binding] = after(register([update('sip:a@h')]))?.bindings ?? [];
    if (binding === undefined) throw new Error('no binding');
    expect([-3, 0, 400, 1000, 599_900].map((ms) => remainingSec(binding, nowMs + ms))).toEqual([
      600, 600, 600, 599, 1,
    ]);
  });
});
