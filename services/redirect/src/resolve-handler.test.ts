import { describe, expect, it } from 'vitest';
import { absence, binding, Rig } from '../test/fakes.ts';

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
    expect(rig.asked).toEqual([]);
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

  it('a local number is a user of its phone-context', async () => {
    const rig = new Rig();
    rig.bound.set('sip:1234@example.com', [binding(one)]);
    expect((await rig.invite('tel:12-34;phone-context=Example.com')).uris).toEqual([one]);
    expect((await rig.invite('tel:1234;phone-context=+1555')).status).toBe(404);
    expect((await rig.invite('tel:1234')).status).toBe(400);
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

  it('G7: an unknown GRUU is 404, never all contacts', async () => {
    const rig = new Rig();
    rig.bind(binding(one, { instanceId }), binding(other));
    expect((await rig.invite('sip:alice@example.com;gr=urn:uuid:unknown')).status).toBe(404);
    rig.lookedUp.length = 0;
    expect((await rig.invite('sip:alice@example.com;gr')).status).toBe(404);
    expect(rig.lookedUp).toEqual([]);
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
