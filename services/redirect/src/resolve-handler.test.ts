import { TemporaryGruus } from '@rollcall/gruu';
import { SubscriberState } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { absence, binding, gruuSecret, Rig } from '../test/fakes.ts';

const one = 'sip:alice@192.0.2.1:5060';
const other = 'sip:alice@192.0.2.2:5060';
const instanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';

describe('whom a request addresses', () => {
  it('D1: a registered AOR is redirected to all its contacts', async () => {
    const rig = new Rig();
    rig.bind(binding(one), binding(other));
    const { status, uris } = await rig.invite();
    expect(status).toBe(302);
    expect(uris.sort()).toEqual([one, other]);
    expect(rig.asked).toHaveLength(1);
  });

  it('D1: the AOR is looked up in its canonical form', async () => {
    const rig = new Rig();
    rig.bind(binding(one));
    expect((await rig.invite('sip:%61lice@EXAMPLE.com:5060;transport=udp')).status).toBe(302);
  });

  it('D4: an unknown user is 404, a known one without bindings 480', async () => {
    const rig = new Rig();
    expect((await rig.invite('sip:nobody@example.com')).status).toBe(404);
    expect((await rig.invite('sip:carol@example.com')).status).toBe(480);
  });

  it('D4: with the switch nobody learns who exists', async () => {
    const rig = new Rig({ unknownAs480: true });
    const unknown = await rig.invite('sip:nobody@example.com');
    expect(unknown.response).toEqual((await rig.invite('sip:carol@example.com')).response);
    expect(unknown.status).toBe(480);
    expect((await rig.invite('sip:alice@other.org')).status).toBe(404);
  });

  it('D10: a foreign domain is 404, though a user is called the same', async () => {
    const rig = new Rig();
    rig.bind(binding(one));
    expect((await rig.invite('sip:alice@other.org')).status).toBe(404);
  });

  it('U11: a scheme that nobody knows is 416, and what is no URI is 400', async () => {
    const rig = new Rig();
    expect((await rig.invite('nobody:alice')).status).toBe(416);
    expect((await rig.invite('sip:alice@')).status).toBe(400);
    expect((await rig.invite('sip:example.com')).status).toBe(404);
  });
});

describe('numbers', () => {
  it('a tel URI leads to the AOR of its subscriber, visual separators or not', async () => {
    const rig = new Rig();
    rig.bind(binding(one));
    for (const uri of ['tel:+15551234', 'tel:+1-555-12.34', 'tel:+1(555)1234'])
      expect((await rig.invite(uri)).uris, uri).toEqual([one]);
    expect(rig.lookedUp).toEqual(Array(3).fill('sip:alice@example.com'));
  });

  it('user=phone does as well, and a user part that looks like a number', async () => {
    const rig = new Rig();
    rig.bind(binding(one));
    const uris = [
      'sip:+1-555-1234@example.com;user=phone',
      'sip:+15551234@example.com;user=PHONE',
      'sip:+15551234;npdi@example.com;user=phone',
      'sip:%2B15551234@example.com',
    ];
    for (const uri of uris) expect((await rig.invite(uri)).uris, uri).toEqual([one]);
  });

  it('a number of nobody is 404, one of a user without bindings 480', async () => {
    const rig = new Rig();
    expect((await rig.invite('tel:+19990000')).status).toBe(404);
    expect((await rig.invite('tel:+15551234')).status).toBe(480);
    expect((await rig.invite('sip:+15551234@example.com')).status).toBe(480);
  });

  it('an AOR that is spelt like a number is found as such', async () => {
    const rig = new Rig();
    rig.users.push('sip:+17770000@example.com');
    rig.bound.set('sip:+17770000@example.com', [binding(one)]);
    expect((await rig.invite('sip:+17770000@example.com')).uris).toEqual([one]);
    expect((await rig.invite('sip:+17770000@example.com;user=phone')).uris).toEqual([one]);
  });

  it('D11: who asks for sips where only sip is bound is told why', async () => {
    const rig = new Rig();
    rig.bind(binding(one));
    const { status, response } = await rig.invite('sips:alice@EXAMPLE.com');
    expect(status).toBe(480);
    expect(response.outcome?.value).toMatchObject({ warning: '380 example.com "SIPS Not Allowed"' });
    expect((await rig.invite('sips:carol@example.com')).response.outcome?.value).toMatchObject({
      warning: '',
    });
  });

  it('a local number is a user of its phone-context', async () => {
    const rig = new Rig();
    rig.bound.set('sip:1234@example.com', [binding(one)]);
    expect((await rig.invite('tel:12-34;phone-context=Example.com')).uris).toEqual([one]);
    expect((await rig.invite('tel:1234;phone-context=+1555')).status).toBe(404);
    expect((await rig.invite('tel:1234')).status).toBe(400);
  });

  it('a local number in a SIP URI is so as well', async () => {
    const rig = new Rig();
    rig.bound.set('sip:1234@example.com', [binding(one)]);
    const found = async (user: string) => (await rig.invite(`sip:${user}@example.com;user=phone`)).status;
    expect(await found('1234')).toBe(302);
    expect(await found('12-34')).toBe(302);
    expect(await found('%31(2)34;isub=7;Phone-Context=Example%2Ecom')).toBe(302);
    expect(await found('1234;phone-context=other.example.net')).toBe(404);
    expect(await found('1234;phone-context=+1555')).toBe(404);
    expect((await rig.invite('sip:12-34@example.com')).status).toBe(404);
  });

  it('answers about a number are kept for a second', async () => {
    const rig = new Rig();
    rig.bind(binding(one));
    await rig.invite('tel:+15551234');
    await rig.invite('tel:+15551234');
    expect(rig.asked).toHaveLength(1);
    rig.clock.pass(1000);
    await rig.invite('tel:+15551234');
    expect(rig.asked).toHaveLength(2);
  });
});

describe('GRUUs', () => {
  it('G5: a public GRUU leads to its instance only', async () => {
    const rig = new Rig();
    rig.bind(binding(one, { instanceId }), binding(other, { instanceId: 'urn:uuid:2' }));
    expect((await rig.invite(`sip:alice@example.com;gr=${instanceId.toUpperCase()}`)).uris).toEqual([one]);
  });

  it('G5: a public GRUU whose instance is not registered is 480, whoever else is', async () => {
    const rig = new Rig();
    const gruu = `sip:alice@example.com;gr=${instanceId}`;
    expect((await rig.invite(gruu)).status).toBe(480);
    rig.bind(binding(other), binding(one, { instanceId: 'urn:uuid:00000000-0000-1000-8000-000000000000' }));
    expect((await rig.invite(gruu)).status).toBe(480);
    expect((await rig.invite(gruu.replace('alice', 'nobody'))).status).toBe(404);
  });

  it('G5: of several contacts of an instance the one registered last is meant', async () => {
    const rig = new Rig();
    const flow = (regId: number) => ({ instanceId, regId, registeredAtMs: regId });
    rig.bind(binding(one, flow(1)), binding(other, flow(2)));
    expect((await rig.invite(`sip:alice@example.com;gr=${instanceId}`)).uris).toEqual([other]);
  });

  it('G7: an unknown GRUU is 404, never all contacts', async () => {
    const rig = new Rig();
    rig.bind(binding(one, { instanceId }), binding(other));
    expect((await rig.invite('sip:alice@example.com;gr=urn:uuid:unknown')).status).toBe(404);
    rig.lookedUp.length = 0;
    expect((await rig.invite('sip:alice@example.com;gr')).status).toBe(404);
    expect(rig.lookedUp).toEqual([]);
  });
});

describe('temporary GRUUs', () => {
  const epochMs = 1_789_000_000_000;
  const gruus = new TemporaryGruus([gruuSecret]);
  const registered = { callId: 'c', cseq: 1 };
  const gruu = gruus.make('sip:alice@example.com', instanceId, epochMs, registered) ?? '';
  const device = (change: Partial<Parameters<typeof binding>[1]> = {}) =>
    binding(one, { instanceId, gruuEpochMs: epochMs, ...change });

  it('G3: lead to their instance only, whatever its case', async () => {
    const rig = new Rig();
    rig.bind(device({ instanceId: instanceId.toUpperCase() }), binding(other, { gruuEpochMs: epochMs }));
    expect((await rig.invite(gruu)).uris).toEqual([one]);
    expect((await rig.invite(gruu.replace('tgruu.', '%74gruu.'))).uris).toEqual([one]);
  });

  it('G3: are 404 once their epoch is over, or nothing of the instance is bound', async () => {
    const rig = new Rig();
    expect((await rig.invite(gruu)).status).toBe(404);
    for (const gone of [
      device({ gruuEpochMs: epochMs + 1 }),
      device({ gruuEpochMs: undefined }),
      binding(other),
    ]) {
      rig.bind(gone);
      expect((await rig.invite(gruu)).status).toBe(404);
    }
  });

  it('G3: are 404 once void also where unknown users get 480: who they hid is not told', async () => {
    const rig = new Rig({ unknownAs480: true });
    expect((await rig.invite(gruu)).status).toBe(404);
    rig.bind(device({ gruuEpochMs: epochMs + 1 }));
    expect((await rig.invite(gruu)).status).toBe(404);
    expect((await rig.invite('sip:alice@example.com;gr=urn:uuid:unknown')).status).toBe(480);
  });

  it('G4: are 404 where they are forged, or lack gr', async () => {
    const rig = new Rig();
    rig.bind(device());
    const forged = new TemporaryGruus(['another secret, long enough']).make(
      'sip:alice@example.com',
      instanceId,
      epochMs,
      registered,
    );
    expect((await rig.invite(forged ?? '')).status).toBe(404);
    expect((await rig.invite(gruu.replace('tgruu.', 'tgruu.A'))).status).toBe(404);
    rig.lookedUp.length = 0;
    expect((await rig.invite(gruu.replace(';gr', ''))).status).toBe(404);
    expect((await rig.invite(gruu.replace(';gr', `;gr=${instanceId}`))).status).toBe(404);
    expect(rig.lookedUp).not.toContain('sip:alice@example.com');
  });

  it('CN4: a store that is away is 503 for them too', async () => {
    const rig = new Rig();
    rig.locationFault = absence;
    expect((await rig.invite(gruu)).status).toBe(503);
  });
});

describe('trunks', () => {
  const pbx = binding('sip:198.51.100.3:5060;bnc;transport=tcp', { instanceId });

  function trunk(...explicit: ReturnType<typeof binding>[]): Rig {
    const rig = new Rig();
    for (const number of ['+12145550102', '+12145550103']) rig.numbers.set(number, 'sip:pbx@example.com');
    rig.users.push('sip:pbx@example.com');
    rig.bound.set('sip:pbx@example.com', [pbx, ...explicit]);
    return rig;
  }

  it('GN1: each number leads to the bulk contact with the number as user, without bnc', async () => {
    const expected = ['sip:+12145550102@198.51.100.3:5060;transport=tcp'];
    for (const uri of [
      'tel:+1-214-555-0102',
      'sip:+12145550102@example.com',
      'sip:+12145550102@example.com;user=phone',
    ])
      expect((await trunk().invite(uri)).uris, uri).toEqual(expected);
    expect((await trunk().invite('tel:+12145559999')).status).toBe(404);
  });

  it('GN1: who is no number is nobody that the trunk knows', async () => {
    expect((await trunk().invite('sip:pbx@example.com')).status).toBe(480);
    expect((await trunk(binding(other)).invite('sip:pbx@example.com')).uris).toEqual([other]);
  });

  it('GN1: a trunk whose own AOR is a number', async () => {
    const rig = new Rig();
    rig.bound.set('sip:+12145550100@example.com', [pbx, binding(other)]);
    const { uris } = await rig.invite('sip:+12145550100@example.com');
    expect(uris).toHaveLength(2);
    expect(uris).toContain('sip:+12145550100@198.51.100.3:5060;transport=tcp');
  });

  it('GN3: what a number has registered by itself is beside it, and nobody else’s', async () => {
    const rig = trunk(binding(other, { number: '+12145550102', qMilli: 100 }), binding(one));
    const implicit = (number: string) => `sip:${number}@198.51.100.3:5060;transport=tcp`;
    expect((await rig.invite('tel:+12145550102')).uris).toEqual([implicit('+12145550102'), other]);
    expect((await rig.invite('tel:+12145550103')).uris).toEqual([implicit('+12145550103')]);
  });

  it('GN5: sg of the GRUU goes along, and of nothing else', async () => {
    const gruu = `sip:+12145550102@example.com;gr=${instanceId};sg=00:05:03:5e:70:a6`;
    const target = 'sip:+12145550102@198.51.100.3:5060;transport=tcp';
    expect((await trunk().invite(gruu)).uris).toEqual([`${target};sg=00:05:03:5e:70:a6`]);
    expect((await trunk().invite('sip:+12145550102@example.com;sg=1')).uris).toEqual([target]);
  });

  it('without a bulk contact a number is another name of its AOR', async () => {
    const rig = new Rig();
    rig.bind(binding(one, { number: '+15559999' }), binding(other));
    expect((await rig.invite('tel:+15551234')).uris).toHaveLength(2);
    expect((await rig.invite('sip:alice@example.com')).uris).toHaveLength(2);
  });
});

describe('faults', () => {
  it('CN4: a store that is away is 503, never 404 or 480', async () => {
    const rig = new Rig();
    rig.locationFault = absence;
    expect(await rig.invite()).toMatchObject({ status: 503, retryAfterSec: 5 });
    rig.locationFault = undefined;
    rig.authFault = absence;
    expect(await rig.invite('sip:carol@example.com')).toMatchObject({ status: 503, retryAfterSec: 5 });
    expect((await rig.invite('tel:+15551234')).status).toBe(503);
    rig.bind(binding(one));
    expect((await rig.invite()).status).toBe(302);
  });

  it('a fault is not remembered', async () => {
    const rig = new Rig();
    rig.bind(binding(one));
    rig.authFault = absence;
    await rig.invite('tel:+15551234');
    rig.authFault = undefined;
    expect((await rig.invite('tel:+15551234')).status).toBe(302);
  });

  it('look-ups are counted by outcome', async () => {
    const rig = new Rig();
    await rig.invite('sip:carol@example.com');
    const { body } = await rig.metrics.render();
    expect(body).toContain('rollcall_redirect_lookups_total{outcome="not_registered"} 1');
  });
});

describe('administrative states', () => {
  const stateOf = (state: SubscriberState, movedTo = '') => ({ state, movedTo });

  it.each([
    ['blocked', SubscriberState.BLOCKED, 403],
    ['gone', SubscriberState.GONE, 410],
    ['ambiguous', SubscriberState.AMBIGUOUS, 485],
  ] as const)('D15: %s, whether or not its phones are still bound', async (_, state, status) => {
    const rig = new Rig();
    rig.states.set('sip:alice@example.com', stateOf(state));
    expect((await rig.invite()).status).toBe(status);
    rig.bind(binding('sip:alice@192.0.2.1'));
    expect((await rig.invite()).status).toBe(status);
    expect((await rig.invite('tel:+1-555-1234')).status).toBe(status);
  });

  it('D14: moved: 301 with the new address', async () => {
    const rig = new Rig();
    rig.states.set('sip:alice@example.com', stateOf(SubscriberState.MOVED, 'sip:a@example.org'));
    rig.bind(binding('sip:alice@192.0.2.1'));
    expect(await rig.invite()).toMatchObject({ status: 301, uris: ['sip:a@example.org'] });
  });

  it('D15: a number that goes on is incomplete, unless nobody is to learn that', async () => {
    expect((await new Rig().invite('tel:+1555')).status).toBe(484);
    expect((await new Rig({ unknownAs480: true }).invite('tel:+1555')).status).toBe(480);
    expect((await new Rig().invite('tel:+1556')).status).toBe(404);
  });

  it('finds who is bound while auth is away, and says 503 for the others', async () => {
    const rig = new Rig();
    rig.bind(binding('sip:alice@192.0.2.1'));
    rig.authFault = absence;
    expect((await rig.invite()).status).toBe(302);
    expect((await rig.invite('sip:carol@example.com')).status).toBe(503);
  });

  it('a subscriber that is no more is not found, whatever is still bound', async () => {
    const rig = new Rig();
    rig.bind(binding('sip:alice@192.0.2.1'));
    rig.locationFault = absence;
    rig.states.set('sip:alice@example.com', stateOf(SubscriberState.GONE));
    expect((await rig.invite()).status).toBe(410);
  });
});

describe('caller preferences', () => {
  const desk = binding('sip:desk@h', { params: ';audio;+sip.model="x";foo=1' });
  const camera = binding('sip:camera@h', { params: ';audio;video', qMilli: 1000, registeredAtMs: 1 });
  const plain = binding('sip:plain@h', { qMilli: 100 });

  it('CP4 D12: order and q are the caller\u2019s, and features are left out', async () => {
    const rig = new Rig();
    rig.bind(desk, camera, plain);
    const { response, uris } = await rig.invite(undefined, { acceptContact: ['*;audio;video'] });
    expect(uris).toEqual(['sip:camera@h', 'sip:desk@h', 'sip:plain@h']);
    if (response.outcome?.$case !== 'redirected') throw new Error('not redirected');
    const { targets } = response.outcome.value;
    expect(targets.map(({ qMilli }) => qMilli)).toEqual([1000, 667, 333]);
    expect(targets.map(({ params }) => params)).toEqual(['', ';foo=1', '']);
  });

  it('CP4: what the caller requires or rejects decides who is left, else 480', async () => {
    const rig = new Rig();
    rig.bind(desk, camera);
    const requires = { acceptContact: ['*;video;require;explicit'] };
    expect((await rig.invite(undefined, requires)).uris).toEqual(['sip:camera@h']);
    expect((await rig.invite(undefined, { rejectContact: ['*;video'] })).uris).toEqual(['sip:desk@h']);
    expect((await rig.invite(undefined, { rejectContact: ['*;audio'] })).status).toBe(480);
  });

  it('CP5: redirected whatever is asked; without forking the best one only, as it is', async () => {
    const rig = new Rig();
    rig.bind(plain, desk);
    // §9.1: who asks to be redirected is told of all, whatever it says of forking.
    for (const requestDisposition of [
      ['proxy', 'recurse'],
      ['redirect', 'no-fork'],
      ['no-fork', ' Redirect '],
    ])
      expect((await rig.invite(undefined, { requestDisposition })).uris).toHaveLength(2);
    const { response } = await rig.invite(undefined, { requestDisposition: ['proxy', 'No-Fork'] });
    expect(response.outcome).toMatchObject({
      $case: 'redirected',
      value: { targets: [{ uri: 'sip:desk@h', params: desk.params, qMilli: undefined }] },
    });
  });
});
