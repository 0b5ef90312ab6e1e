import { TemporaryGruus } from '@rollcall/gruu';
import { describe, expect, it } from 'vitest';
import { contact } from '../test/fakes.ts';
import { type Result, Rig } from '../test/rig.ts';

const one = 'sip:alice@192.0.2.1:5060';
const other = 'sip:alice@192.0.2.2:5060';
const instanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';
const secret = 'a secret of temporary GRUUs';

function registered({ response }: Result) {
  if (response.outcome?.$case !== 'registered') throw new Error('not registered');
  return response.outcome.value;
}

describe('Service-Route and P-Associated-URI', () => {
  const serviceRoute = ['<sip:a.example.com;lr>', '<sip:b.example.com;lr>'];

  it('SR1: each 200 tells the route, a fetch too, in its order; a refusal is none', async () => {
    const rig = new Rig({ serviceRoute });
    expect(registered(await rig.authenticated()).serviceRoute).toEqual(serviceRoute);
    expect(registered(await rig.authenticated({ contacts: [] })).serviceRoute).toEqual(serviceRoute);
    expect((await rig.authenticated({ expiresSec: 5 })).response.outcome?.$case).toBe('rejected');
    expect(registered(await new Rig().authenticated()).serviceRoute).toEqual([]);
  });

  it('IM1: the subscriber is told its AORs and numbers, where it is switched on', async () => {
    const vector = { aors: ['sip:alice@example.com'], numbers: ['+15551234'] };
    const rig = new Rig({ pAssociatedUri: true });
    rig.auth.users.set('alice', { password: 'wonderland', vector });
    const expected = ['<sip:alice@example.com>', '<tel:+15551234>'];
    expect(registered(await rig.authenticated()).associatedUris).toEqual(expected);
    const byNumber = { aor: 'sip:+15551234@example.com', contacts: [] };
    expect(registered(await rig.authenticated(byNumber)).associatedUris).toEqual(expected);
    expect(registered(await new Rig().authenticated()).associatedUris).toEqual([]);
  });
});

describe('GRUUs', () => {
  const device = [contact(one, { instanceId })];
  const supported = ['gruu'];

  it('G1, G2: are told to who supports them, for contacts with an instance-id', async () => {
    const rig = new Rig({ gruuSecrets: [secret] });
    await rig.authenticated({ contacts: [contact(other)], callId: 'plain' });
    expect(registered(await rig.authenticated({ contacts: device })).gruus).toEqual([]);
    const value = registered(await rig.authenticated({ contacts: device, supported }));
    expect(value.gruus).toMatchObject([
      { publicGruu: '', temporaryGruu: '' },
      { publicGruu: `sip:alice@example.com;gr=${instanceId}` },
    ]);
    expect(value.gruus[1]?.temporaryGruu).toMatch(/^sip:tgruu\.[A-Za-z0-9_-]+@example\.com;gr$/);
    expect(value.supported).not.toContain('gruu');
    expect(value.require).toEqual([]);
  });

  it('RFC 5630: are sips URIs for a sips contact', async () => {
    const rig = new Rig({ gruuSecrets: [secret] });
    const contacts = [contact('SIPS:alice@192.0.2.1', { instanceId })];
    const [gruus] = registered(await rig.authenticated({ contacts, supported })).gruus;
    expect(gruus?.publicGruu).toBe(`sips:alice@example.com;gr=${instanceId}`);
    expect(gruus?.temporaryGruu).toMatch(/^sips:tgruu\.[A-Za-z0-9_-]+@example\.com;gr$/);
  });

  it('G3: a refresh tells a new temporary one, and all flows of an instance the same', async () => {
    const rig = new Rig({ gruuSecrets: [secret] });
    const flow = (regId: number) => ({
      contacts: [contact(one, { instanceId, regId })],
      supported: ['gruu', 'outbound'],
      callId: `flow-${regId}`,
    });
    const first = registered(await rig.authenticated(flow(1))).gruus[0];
    const { gruus } = registered(await rig.authenticated(flow(2)));
    expect(gruus[0]).toEqual(gruus[1]);
    expect(gruus[0]?.publicGruu).toBe(first?.publicGruu);
    expect(gruus[0]?.temporaryGruu).not.toBe(first?.temporaryGruu);
    const open = (gruu = '') => new TemporaryGruus([secret]).open(gruu.slice(0, gruu.indexOf(';')));
    expect(open(first?.temporaryGruu)).toEqual(open(gruus[0]?.temporaryGruu));
  });

  it('RFC 5627 section 5.2: whoever asks is told the one that the last registration brought', async () => {
    const rig = new Rig({ gruuSecrets: [secret] });
    const { gruus } = registered(await rig.authenticated({ contacts: device, supported }));
    const fetched = registered(await rig.authenticated({ contacts: [], supported }));
    expect(fetched.gruus).toEqual(gruus);
  });

  it('G1: for an instance-id that is no URN there are none: nobody could be found by them', async () => {
    const contacts = [contact(one, { instanceId: 'hello' })];
    expect(registered(await new Rig().authenticated({ contacts, supported })).gruus).toEqual([
      { publicGruu: '', temporaryGruu: '' },
    ]);
  });

  it('G1: without a secret there are no temporary ones', async () => {
    const { gruus } = registered(await new Rig().authenticated({ contacts: device, supported }));
    expect(gruus).toEqual([{ publicGruu: `sip:alice@example.com;gr=${instanceId}`, temporaryGruu: '' }]);
  });

  it('G6, G7: what a phone sends as GRUU is dropped, and its own GRUU is no contact', async () => {
    const rig = new Rig({ gruuSecrets: [secret] });
    const params = ';audio;pub-gruu="sip:evil@h;gr=1";temp-gruu="sip:evil@h;gr"';
    const value = registered(
      await rig.authenticated({ contacts: [contact(one, { instanceId, params })], supported }),
    );
    expect(value.bindings[0]?.params).toBe(';audio');
    const own = contact(value.gruus[0]?.temporaryGruu ?? '', { instanceId });
    expect((await rig.authenticated({ contacts: [own] })).status).toBe(403);
  });

  it('GN5: a trunk has a public one without user part', async () => {
    const contacts = [contact('sip:198.51.100.3;bnc', { instanceId })];
    const rig = new Rig({ gruuSecrets: [secret] });
    expect(registered(await rig.authenticated({ contacts, supported, require: ['gin'] })).gruus).toEqual([
      { publicGruu: `sip:example.com;bnc;gr=${instanceId}`, temporaryGruu: '' },
    ]);
  });
});

describe('policies that location carries out', () => {
  it('R10.3-7m: one contact too many is 403, or takes the place of the oldest', async () => {
    const add = async (rig: Rig) => {
      await rig.authenticated({ contacts: [contact(one)], callId: '1' });
      return rig.authenticated({ contacts: [contact(other)], callId: '2' });
    };
    const reject = new Rig({ maxContacts: 1 });
    expect((await add(reject)).status).toBe(403);
    expect(await reject.fetch()).toEqual([one]);
    const replace = new Rig({ maxContacts: 1, maxContactsPolicy: 'replace-oldest' });
    expect(await add(replace)).toMatchObject({ status: 200, contacts: [other] });
  });

  it('GN3: a number by which the AOR is named goes along', async () => {
    const rig = new Rig();
    const vector = { aors: ['sip:alice@example.com'], numbers: ['+15551234'] };
    rig.auth.users.set('alice', { password: 'wonderland', vector });
    await rig.authenticated({ aor: 'sip:+15551234@example.com' });
    await rig.authenticated();
    expect(rig.location.applied.map(({ aor, number }) => [aor, number])).toEqual([
      ['sip:alice@example.com', '+15551234'],
      ['sip:alice@example.com', undefined],
    ]);
  });

  it('PN4: push parameters tell devices apart where push is spoken', async () => {
    const pushed = (host: string) => [contact(`sip:alice@${host};pn-provider=apns;pn-prid=x`)];
    const rig = new Rig({ pushProviders: ['apns'] });
    await rig.authenticated({ contacts: pushed('192.0.2.1') });
    const moved = await rig.authenticated({ contacts: pushed('192.0.2.2') });
    expect(moved.contacts).toEqual(['sip:alice@192.0.2.2;pn-provider=apns;pn-prid=x']);
    expect(registered(moved).featureCaps).toEqual(['*;+sip.pns="apns"']);
  });
});
