import { describe, expect, it } from 'vitest';
import { binding } from '../test/fakes.ts';
import { type BoundContact, buildTargetSet, type TargetsWanted } from './target-set.ts';

const wanted: TargetsWanted = { requestUri: 'sip:alice@example.com', secure: false, preferences: undefined };

function urisOf(bindings: readonly BoundContact[], change: Partial<TargetsWanted> = {}): string[] | string {
  const set = buildTargetSet(bindings, { ...wanted, ...change });
  return set.kind === 'targets' ? set.targets.map((target) => target.uri) : set.kind;
}

describe('the target set', () => {
  it('D2: is ordered by q, absent as 1, then by recency; q is given as registered', () => {
    const bindings = [
      binding('sip:low@h', { qMilli: 200 }),
      binding('sip:high@h', { qMilli: 900 }),
      binding('sip:old@h', { registeredAtMs: 1000 }),
      binding('sip:new@h', { registeredAtMs: 2000 }),
      binding('sip:zero@h', { qMilli: 0 }),
    ];
    const set = buildTargetSet(bindings, wanted);
    expect(set).toMatchObject({ kind: 'targets' });
    const targets = set.kind === 'targets' ? set.targets : [];
    expect(targets.map(({ uri, qMilli }) => [uri, qMilli])).toEqual([
      ['sip:new@h', undefined],
      ['sip:old@h', undefined],
      ['sip:high@h', 900],
      ['sip:low@h', 200],
      ['sip:zero@h', 0],
    ]);
  });

  it('OB9: has the most recent flow of each instance only', () => {
    const first = { instanceId: 'urn:uuid:1', regId: 1, registeredAtMs: 1000 };
    const bindings = [
      binding('sip:first@h', first),
      binding('sip:second@h', { ...first, regId: 2, registeredAtMs: 2000, instanceId: 'URN:UUID:1' }),
      binding('sip:other@h', { instanceId: 'urn:uuid:2', registeredAtMs: 500 }),
      binding('sip:plain@h', { registeredAtMs: 100 }),
    ];
    expect(urisOf(bindings)).toEqual(['sip:second@h', 'sip:other@h', 'sip:plain@h']);
  });

  it('D5: leaves out what equals the Request-URI', () => {
    const self = binding('sip:alice@EXAMPLE.com');
    expect(urisOf([self, binding('sip:alice@192.0.2.1')])).toEqual(['sip:alice@192.0.2.1']);
    expect(urisOf([self])).toBe('nothing-fits');
  });

  it('D11: has sips targets only for sips', () => {
    const bindings = [binding('sip:a@h'), binding('SIPS:b@h'), binding('tel:+1555')];
    expect(urisOf(bindings, { requestUri: 'sips:alice@example.com', secure: true })).toEqual(['SIPS:b@h']);
    expect(urisOf([binding('sip:a@h')], { secure: true })).toBe('nothing-secure');
  });

  it('D3 R10.3-8c: says what is left of a life, and nothing expired', () => {
    const set = buildTargetSet(
      [binding('sip:a@h', { expiresSec: 590 }), binding('sip:b@h', { expiresSec: 0 })],
      wanted,
    );
    expect(set).toMatchObject({ targets: [{ uri: 'sip:a@h', expiresSec: 590 }] });
  });

  it('D13: gives URIs byte for byte, and contact parameters apart', () => {
    const uri = 'sip:a@h;x=1?Route=%3Csip:p%3E';
    const set = buildTargetSet([binding(uri, { params: ';audio;foo="b,c"' })], wanted);
    expect(set).toMatchObject({ targets: [{ uri, params: ';audio;foo="b,c"' }] });
  });

  it('PN6: has no pn-* parameters', () => {
    const uri = 'sip:a@h;pn-provider=apns;x=1;PN-prid=secret?Subject=;pn-x';
    const set = buildTargetSet([binding(uri, { params: ';audio;pn-param="a;b"' })], wanted);
    expect(set).toMatchObject({ targets: [{ uri: 'sip:a@h;x=1?Subject=;pn-x', params: ';audio' }] });
  });

  it('PA6: leads by the Path to a contact that has one', () => {
    const path = ['<sip:t%40k@edge-0.example.com:5060;lr;ob>', '<sip:p1.example.com;lr>'];
    const route =
      'Route=%3Csip:t%2540k%40edge-0.example.com:5060%3Blr%3Bob%3E%2C%3Csip:p1.example.com%3Blr%3E';
    expect(urisOf([binding('sip:a@h;transport=tcp', { path })])).toEqual([`sip:a@h;transport=tcp?${route}`]);
    expect(urisOf([binding('sip:a@h?Subject=x', { path })])).toEqual([`sip:a@h?Subject=x&${route}`]);
    expect(urisOf([binding('tel:+1555', { path })])).toEqual(['tel:+1555']);
  });
});
