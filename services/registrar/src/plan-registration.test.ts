import { type Flow, Transport } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { contact, registerRequest } from '../test/fakes.ts';
import { planRegistration, type RegistrationPolicy } from './plan-registration.ts';

const policy: RegistrationPolicy = {
  defaultExpiresSec: 3600,
  minExpiresSec: 60,
  maxExpiresSec: 7200,
  jitterPercent: 0,
  maxContacts: 3,
  maxContactsPolicy: 'reject',
  pushProviders: [],
  pathWithoutSupported: 'accept',
  sipsWithoutTls: 'reject',
  mixedSips: 'accept',
};
const noGruus = { open: () => undefined };
const instanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';
const one = 'sip:alice@192.0.2.1';
const other = 'sip:alice@192.0.2.2';

function plan(change: Parameters<typeof registerRequest>[0], policyChange: Partial<RegistrationPolicy> = {}) {
  return planRegistration(registerRequest(change), { ...policy, ...policyChange }, noGruus);
}

const expiries = (result: ReturnType<typeof plan>) =>
  result.kind === 'plan' ? result.updates.map((update) => update.expiresSec) : result.status;

describe('Contact: *', () => {
  it('R10.3-6b: with Expires 0 removes everything', () => {
    expect(plan({ contacts: [], removeAll: true, expiresSec: 0 })).toMatchObject({
      operation: 'remove_all',
      updates: [],
    });
  });

  it('R10.3-6c: with another Expires, or none, is 400', () => {
    expect(plan({ contacts: [], removeAll: true, expiresSec: 3600 })).toMatchObject({ status: 400 });
    expect(plan({ contacts: [], removeAll: true })).toMatchObject({ status: 400 });
  });

  it('R10.3-6d: beside another contact is 400', () => {
    expect(plan({ contacts: [contact(one)], removeAll: true, expiresSec: 0 })).toMatchObject({ status: 400 });
  });
});

describe('expiries', () => {
  it('R10.3-6a: no contact is a fetch, whatever Expires says', () => {
    expect(plan({ contacts: [], expiresSec: 10 })).toMatchObject({ operation: 'query', updates: [] });
  });

  it('R10.3-7a: parameter, then header, then default', () => {
    const contacts = [contact(one, { expiresSec: 120 }), contact(other)];
    expect(expiries(plan({ contacts, expiresSec: 600 }))).toEqual([120, 600]);
    expect(expiries(plan({ contacts }))).toEqual([120, 3600]);
  });

  it('R10.3-7b: too brief is 423 with the minimum; 0 never is', () => {
    expect(plan({ expiresSec: 10 })).toMatchObject({ status: 423, minExpiresSec: 60 });
    expect(expiries(plan({ expiresSec: 0 }))).toEqual([0]);
    expect(expiries(plan({ expiresSec: 3600 }, { minExpiresSec: 7200 }))).toEqual([3600]);
  });

  it('R10.3-7c: one contact too brief fails them all', () => {
    const contacts = [contact(one, { expiresSec: 600 }), contact(other, { expiresSec: 5 })];
    expect(plan({ contacts })).toMatchObject({ status: 423 });
  });

  it('R10.3-7d: too long is shortened', () => {
    expect(expiries(plan({ expiresSec: 999_999 }))).toEqual([7200]);
  });

  it('R10.3-7e: the largest expiry does not overflow', () => {
    expect(expiries(plan({ expiresSec: 2 ** 32 - 1 }))).toEqual([7200]);
  });

  it('R10.3-7f: 0 removes this contact only', () => {
    const contacts = [contact(one, { expiresSec: 0 }), contact(other, { expiresSec: 600 })];
    const result = plan({ contacts });
    expect(expiries(result)).toEqual([0, 600]);
    expect(result).toMatchObject({ operation: 'register' });
    expect(plan({ contacts: [contact(one, { expiresSec: 0 })] })).toMatchObject({ operation: 'remove' });
  });

  it('jitter is the same for all contacts of a request and for its replay', () => {
    const request = { contacts: [contact(one), contact(other)], expiresSec: 3600, callId: 'x', cseq: 9 };
    const first = expiries(plan(request, { jitterPercent: 50 }));
    expect(expiries(plan({ ...request, branch: 'z9hG4bKother' }, { jitterPercent: 50 }))).toEqual(first);
    expect(Array.isArray(first) && first[0] === first[1] && (first[0] ?? 0) < 3600).toBe(true);
  });
});

describe('contacts', () => {
  it('R10.3-7j CP1: keep q and all their parameters', () => {
    const params = ';audio;methods="INVITE,BYE";foo="b,c"';
    expect(plan({ contacts: [contact(one, { params, qMilli: 500, instanceId })] })).toMatchObject({
      updates: [{ uri: one, params, qMilli: 500, instanceId, regId: 0 }],
    });
  });

  it('R10.3-7m: more at once than an AOR may have are 403', () => {
    const contacts = [1, 2, 3, 4].map((n) => contact(`sip:alice@192.0.2.${n}`));
    expect(plan({ contacts })).toMatchObject({ status: 403, reason: 'too_many_contacts' });
    const removals = contacts.map((each) => ({ ...each, expiresSec: 0 }));
    expect(plan({ contacts: removals })).toMatchObject({ kind: 'plan' });
  });

  it('that cannot be read are 400', () => {
    expect(plan({ contacts: [contact('sip:')] })).toMatchObject({ status: 400 });
  });

  it('G6: an instance that leads back to its AOR is 403', () => {
    const contacts = [contact('sip:alice@example.com', { instanceId })];
    expect(plan({ contacts })).toMatchObject({ status: 403, reason: 'contact_forbidden' });
  });
});

describe('sips', () => {
  const secureAor = true;

  it('R10.3-5g: a sips AOR gets no sip contact, and loses the ones it has', () => {
    expect(plan({ secureAor, contacts: [contact(one)] })).toMatchObject({ status: 403 });
    expect(plan({ secureAor, contacts: [contact('SIP:alice@192.0.2.1')] })).toMatchObject({ status: 403 });
    expect(plan({ secureAor, contacts: [contact(one, { expiresSec: 0 })] }).kind).toBe('plan');
    expect(plan({ secureAor, contacts: [contact('sips:alice@192.0.2.1')] }).kind).toBe('plan');
    expect(plan({ contacts: [contact('sips:alice@192.0.2.1')] }).kind).toBe('plan');
  });
});

describe('sips without TLS', () => {
  const by = (transport: Transport, requestUri = 'SIPS:example.com') =>
    plan({ requestUri, flow: { edge: 'e', token: 't', transport, localAddress: '', remoteAddress: '' } });

  it('TL4: a sips Request-URI is 403 over everything but TLS and WSS', () => {
    for (const transport of [Transport.UDP, Transport.TCP, Transport.WS])
      expect(by(transport), String(transport)).toMatchObject({
        status: 403,
        reasonPhrase: 'SIPS Requires TLS',
      });
    for (const transport of [Transport.TLS, Transport.WSS]) expect(by(transport).kind).toBe('plan');
    expect(by(Transport.UDP, 'sip:example.com').kind).toBe('plan');
    expect(plan({ requestUri: 'sips:example.com', flow: undefined })).toMatchObject({ status: 403 });
  });

  it('TL4: is accepted where TLS ends in front of the edge', () => {
    expect(plan({ requestUri: 'sips:example.com' }, { sipsWithoutTls: 'accept' }).kind).toBe('plan');
  });
});

describe('sip and sips mixed', () => {
  const strict = { mixedSips: 'reject' } as const;
  const [sips, sip] = [contact('sips:alice@192.0.2.1'), contact(one)];
  const over = { ...registerRequest().flow, transport: Transport.TLS } as Flow;
  const secure = { requestUri: 'sips:example.com', flow: over };

  it('is accepted by default: who calls a sips address is led to sips contacts alone', () => {
    for (const contacts of [[sip], [sips], [sip, sips]]) {
      expect(plan({ contacts })).toMatchObject({ kind: 'plan' });
      expect(plan({ ...secure, contacts })).toMatchObject({ kind: 'plan' });
    }
  });

  it('is 400 by switch, To and what is removed left aside (RFC 5630 §5.2)', () => {
    expect(plan({ contacts: [sips] }, strict)).toMatchObject({ status: 400 });
    expect(plan({ ...secure, contacts: [sip] }, strict)).toMatchObject({ status: 400 });
    expect(plan({ ...secure, contacts: [sips, sip] }, strict)).toMatchObject({ status: 400 });
    const path = ['<sip:edge.example.com;lr>'];
    expect(plan({ ...secure, contacts: [sips], path }, strict)).toMatchObject({ status: 400 });
    const secured = { ...secure, contacts: [sips], path: ['<sips:edge.example.com;lr>'] };
    expect(plan(secured, strict)).toMatchObject({ kind: 'plan' });
    expect(plan({ ...secured, secureAor: true }, strict)).toMatchObject({ kind: 'plan' });
    expect(plan({ ...secure, contacts: [{ ...sip, expiresSec: 0 }] }, strict)).toMatchObject({
      kind: 'plan',
    });
    expect(plan({ ...secure, contacts: [contact('tel:+12125550101')] }, strict)).toMatchObject({
      kind: 'plan',
    });
    expect(plan({ contacts: [sip] }, strict)).toMatchObject({ kind: 'plan' });
  });
});

describe('bulk number contacts', () => {
  it('GN2: with a user part or a user parameter are 400', () => {
    const bad = [
      'sip:+1@198.51.100.3;bnc',
      'sip:198.51.100.3;bnc;user=phone',
      'sip:198.51.100.3;USER=x;BNC=1',
    ];
    for (const uri of bad) expect(plan({ contacts: [contact(uri)] }), uri).toMatchObject({ status: 400 });
    expect(plan({ contacts: [contact('sip:198.51.100.3:5060;bnc;transport=tcp')] }).kind).toBe('plan');
  });
});

describe('push', () => {
  const pushProviders = ['apns', 'fcm'];
  const pushed = (provider: string) => contact(`${one};pn-provider=${provider};pn-prid=x`);

  it('PN2: a provider that nobody serves is 555, but for a removal', () => {
    expect(plan({ contacts: [pushed('xyz')] }, { pushProviders })).toMatchObject({ status: 555 });
    expect(plan({ contacts: [{ ...pushed('xyz'), expiresSec: 0 }] }, { pushProviders }).kind).toBe('plan');
    expect(plan({ contacts: [pushed('xyz')] }).kind).toBe('plan');
  });

  it('PN2, PN3, FC1: what is served is told, each once', () => {
    const told = (...contacts: ReturnType<typeof contact>[]) => {
      const result = plan({ contacts }, { pushProviders });
      return result.kind === 'plan' ? result.featureCaps : result.status;
    };
    expect(told(pushed('fcm'))).toEqual(['*;+sip.pns="fcm"']);
    expect(told(contact(`${one};pn-provider`))).toEqual(['*;+sip.pns="apns"', '*;+sip.pns="fcm"']);
    expect(told(pushed('fcm'), contact(`${other};pn-provider=FCM`))).toEqual(['*;+sip.pns="fcm"']);
    // Header parameters are none of the URI's.
    expect(told(contact(one, { params: ';pn-provider=xyz' }))).toEqual([]);
  });
});

describe('outbound', () => {
  const flow = contact(one, { instanceId, regId: 1 });

  it('OB1, OB2: reg-id counts, and outbound is required, with Supported: outbound', () => {
    const result = plan({ contacts: [flow], supported: ['outbound'] });
    expect(result).toMatchObject({ outbound: true, updates: [{ regId: 1, instanceId }] });
  });

  it('OB1, OB2: reg-id counts without Supported: outbound too, which is not required then', () => {
    expect(plan({ contacts: [flow] })).toMatchObject({
      outbound: false,
      updates: [{ regId: 1, instanceId }],
    });
    const plain = contact(one, { instanceId });
    expect(plan({ contacts: [plain], supported: ['outbound'] })).toMatchObject({ outbound: false });
  });

  it('OB3: reg-id without instance-id is ignored', () => {
    const result = plan({ contacts: [contact(one, { regId: 1 })], supported: ['outbound'] });
    expect(result).toMatchObject({ outbound: false, updates: [{ regId: 0 }] });
  });

  it('OB4: two contacts with a reg-id among them are 400; one of them a removal is fine', () => {
    expect(plan({ contacts: [flow, contact(other)], supported: ['outbound'] })).toMatchObject({
      status: 400,
    });
    const removal = contact(other, { expiresSec: 0 });
    expect(plan({ contacts: [flow, removal], supported: ['outbound'] })).toMatchObject({ kind: 'plan' });
  });

  it('OB5: a first hop without outbound is 439 for who wants it, and nothing to who does not', () => {
    const behind = { contacts: [flow], viaCount: 2 };
    expect(plan({ ...behind, supported: ['outbound'] })).toMatchObject({ status: 439 });
    expect(plan(behind)).toMatchObject({ kind: 'plan', outbound: false });
    const plain = { contacts: [contact(one)], viaCount: 2, supported: ['outbound'] };
    expect(plan(plain)).toMatchObject({ kind: 'plan', outbound: false });
  });
});

describe('Path', () => {
  const path = ['<sip:edge.example.com;lr>'];

  it('PA2: without Supported: path is accepted by default, 420 by switch', () => {
    expect(plan({ path })).toMatchObject({ kind: 'plan' });
    const strict = { pathWithoutSupported: 'reject' } as const;
    expect(plan({ path }, strict)).toMatchObject({ status: 420, unsupported: ['path'] });
    expect(plan({ path, supported: ['path'] }, strict)).toMatchObject({ kind: 'plan' });
  });
});
