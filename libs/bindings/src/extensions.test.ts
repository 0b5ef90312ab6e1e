import { describe, expect, it } from 'vitest';
import { nowMs, register, update } from '../test/make-registration.ts';
import { applyRegistration } from './apply-registration.ts';
import type { BindingRecord, Registration } from './binding-record.ts';
import { expireBindings } from './expiry.ts';

/** The record after these registrations, one second apart, and the last result. */
function play(...registrations: Registration[]) {
  let record: BindingRecord | undefined;
  let result: ReturnType<typeof applyRegistration> | undefined;
  for (const [index, registration] of registrations.entries()) {
    result = applyRegistration(record, registration, nowMs + index * 1000);
    record = result.record;
  }
  if (result === undefined) throw new Error('nothing played');
  const uris = (record?.bindings ?? []).map(({ uri }) => uri);
  return { record, result, uris, outcome: result.outcome };
}

const [one, two, three] = ['sip:a@192.0.2.1', 'sip:a@192.0.2.2', 'sip:a@192.0.2.3'];

describe('the limit of bindings', () => {
  const full = [register([update(one)], { callId: '1' }), register([update(two)], { callId: '2' })];
  const limited = { callId: '3', maxBindings: 2 };

  it('R10.3-7m: where the oldest gives way, the one registered longest ago goes', () => {
    const replaced = play(...full, register([update(three)], { ...limited, replaceOldest: true }));
    expect(replaced.uris).toEqual([two, three]);
    expect(replaced.result.changes.map(({ change, binding }) => [change, binding.uri])).toEqual([
      ['removed', one],
      ['created', three],
    ]);
    const refreshed = register([update(one)], { callId: '1', cseq: 2 });
    const afterRefresh = register([update(three)], { ...limited, replaceOldest: true });
    expect(play(...full, refreshed, afterRefresh).uris).toEqual([one, three]);
  });

  it('R10.3-7m: otherwise, and where the request alone is too much, nothing changes', () => {
    expect(play(...full, register([update(three)], limited))).toMatchObject({ outcome: 'too-many-bindings' });
    const three3 = register([update(one), update(two), update(three)], {
      callId: '3',
      maxBindings: 2,
      replaceOldest: true,
    });
    expect(play(...full, three3)).toMatchObject({ outcome: 'too-many-bindings', uris: [one, two] });
  });
});

describe('temporary GRUUs', () => {
  const instanceId = 'urn:uuid:00000000-0000-1000-8000-aabbccddeeff';
  const own = { instanceId };
  const epochs = (record: BindingRecord | undefined) => record?.bindings.map((each) => each.gruuEpochMs);

  it('G3: keep their epoch while the Call-ID stays, and get a new one with another', () => {
    const first = register([update(one, own)], { gruu: true });
    const refresh = register([update(one, own)], { gruu: true, cseq: 2 });
    expect(epochs(play(first, refresh).record)).toEqual([nowMs]);
    const moved = register([update(one, own)], { gruu: true, callId: 'b' });
    expect(epochs(play(first, refresh, moved).record)).toEqual([nowMs + 2000]);
    // Back with the first Call-ID: what was void stays void.
    const back = register([update(one, own)], { gruu: true, cseq: 9 });
    expect(epochs(play(first, moved, back).record)).toEqual([nowMs + 2000]);
  });

  it('RE6: keep the CSeq of the REGISTER that they began with', () => {
    const cseqs = (record: BindingRecord | undefined) => record?.bindings.map((each) => each.gruuFirstCseq);
    const first = register([update(one, own)], { gruu: true, cseq: 4 });
    const refresh = register([update(one, own)], { gruu: true, cseq: 5 });
    const moved = register([update(one, own)], { gruu: true, callId: 'b', cseq: 7 });
    expect(cseqs(play(first, refresh).record)).toEqual([4]);
    expect(cseqs(play(first, refresh, moved).record)).toEqual([7]);
    const flow = (regId: number, cseq: number) =>
      register([update(`sip:a@192.0.2.${regId}`, { ...own, regId })], { gruu: true, cseq });
    expect(cseqs(play(flow(1, 11), flow(2, 12)).record)).toEqual([11, 11]);
    expect(cseqs(play(register([update(one, own)])).record)).toEqual([undefined]);
  });

  it('G3: begin anew once the last contact of the instance has gone or expired', () => {
    const first = register([update(one, own)], { gruu: true });
    const gone = register([update(one, { ...own, expiresSec: 0 })], { cseq: 2 });
    const again = register([update(one, own)], { gruu: true, cseq: 3 });
    expect(epochs(play(first, gone, again).record)).toEqual([nowMs + 2000]);
    const expired = expireBindings(play(first).record, nowMs + 700_000).record;
    expect(epochs(applyRegistration(expired, again, nowMs + 700_000).record)).toEqual([nowMs + 700_000]);
  });

  it('G3: are those of all flows of the instance', () => {
    const flow = (regId: number, more: Partial<Registration>) =>
      register([update(`sip:a@192.0.2.${regId}`, { ...own, regId })], { gruu: true, ...more });
    const both = [flow(1, { callId: '1' }), flow(2, { callId: '2' })];
    expect(epochs(play(...both).record)).toEqual([nowMs, nowMs]);
    const { record, result } = play(...both, flow(1, { callId: '3' }));
    expect(epochs(record)).toEqual([nowMs + 2000, nowMs + 2000]);
    // The other flow is not refreshed by it.
    expect(result.changes).toHaveLength(1);
  });

  it('G1: cost a record nothing where the phone does not support them', () => {
    expect(epochs(play(register([update(one, own)])).record)).toEqual([undefined]);
    expect(epochs(play(register([update(one)], { gruu: true })).record)).toEqual([undefined]);
    // Later without Supported: gruu: those given out stay good.
    const later = register([update(one, own)], { cseq: 2 });
    expect(epochs(play(register([update(one, own)], { gruu: true }), later).record)).toEqual([nowMs]);
  });
});

describe('bulk registrations', () => {
  const pbx = 'sip:198.51.100.3:5060;bnc';
  const bulk = register([update(pbx)], { callId: 'bulk' });
  const explicit = (number: string, uri: string, more: Partial<Registration> = {}) =>
    register([update(uri)], { callId: number, number, ...more });

  it('GN3: removing one number leaves the bulk registration', () => {
    const number = '+12145550102';
    const gone = (uri: string) => register([update(uri, { expiresSec: 0 })], { callId: 'x', number });
    expect(play(bulk, gone('sip:+12145550102@198.51.100.3:5060')).uris).toEqual([pbx]);
    expect(play(bulk, gone(pbx)).uris).toEqual([pbx]);
    expect(play(bulk, register([], { callId: 'x', number, removeAll: true })).uris).toEqual([pbx]);
  });

  it('GN3: an explicit registration of a number lives by itself', () => {
    const phone = 'sip:phone@192.0.2.7';
    const registrations = [bulk, explicit('+1001', phone), explicit('+1002', phone)];
    expect(play(...registrations).record?.bindings.map(({ uri, number }) => [uri, number])).toEqual([
      [pbx, undefined],
      [phone, '+1001'],
      [phone, '+1002'],
    ]);
    const bulkGone = register([update(pbx, { expiresSec: 0 })], { callId: 'bulk', cseq: 2 });
    expect(play(...registrations, bulkGone).uris).toEqual([phone, phone]);
    const oneGone = register([], { callId: '+1001', cseq: 2, number: '+1001', removeAll: true });
    expect(play(...registrations, oneGone).record?.bindings.map((each) => each.number)).toEqual([
      undefined,
      '+1002',
    ]);
  });

  it('GN1: a bulk contact and a plain one of the same address are two bindings', () => {
    const plain = 'sip:198.51.100.3:5060';
    expect(play(bulk, register([update(plain)], { callId: 'x' })).uris).toEqual([pbx, plain]);
  });

  it('without one, a number is another name of its subscriber', () => {
    const phone = 'sip:phone@192.0.2.7';
    expect(play(register([update(phone)]), explicit('+1001', phone)).uris).toEqual([phone]);
    const star = register([], { callId: 'x', number: '+1001', removeAll: true });
    expect(play(register([update(phone)]), star).uris).toEqual([]);
  });
});

describe('devices that are woken up', () => {
  const pushed = (host: string, prid: string) => `sip:a@${host};pn-provider=apns;pn-prid=${prid}`;
  const spoken = { push: true };
  const instanceId = 'urn:uuid:00000000-0000-1000-8000-aabbccddeeff';

  it('PN4: from another address with the same identifier are the same', () => {
    const first = register([update(pushed('192.0.2.1', 'x'))], spoken);
    const moved = register([update(pushed('192.0.2.2', 'x'))], { ...spoken, callId: 'b' });
    expect(play(first, moved).uris).toEqual([pushed('192.0.2.2', 'x')]);
    const other = register([update(pushed('192.0.2.2', 'X'))], { ...spoken, callId: 'b' });
    expect(play(first, other).uris).toHaveLength(2);
  });

  it('PN4: with another identifier are the same by their instance-id', () => {
    const first = register([update(pushed('192.0.2.1', 'x'), { instanceId })], spoken);
    const rotated = register([update(pushed('192.0.2.1', 'y'), { instanceId })], { ...spoken, cseq: 2 });
    expect(play(first, rotated).uris).toEqual([pushed('192.0.2.1', 'y')]);
  });

  it('PN4: that remove their old address after they have moved stay bound', () => {
    const first = register([update(pushed('192.0.2.1', 'x'))], spoken);
    const moved = register([update(pushed('192.0.2.2', 'x'))], { ...spoken, cseq: 2 });
    const gone = register([update(pushed('192.0.2.1', 'x'), { expiresSec: 0 })], { ...spoken, cseq: 3 });
    expect(play(first, moved, gone).uris).toEqual([pushed('192.0.2.2', 'x')]);
  });

  it('PN1: where push is not spoken, are told by their URI alone', () => {
    const first = register([update(pushed('192.0.2.1', 'x'), { instanceId })]);
    const moved = register([update(pushed('192.0.2.2', 'x'), { instanceId })], { cseq: 2 });
    expect(play(first, moved).uris).toHaveLength(2);
  });
});
