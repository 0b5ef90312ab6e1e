import { GrpcCode, ServiceFault } from '@rollcall/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { challenged, credentials, Rig, register, registered } from './edge-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.start();
});
afterEach(() => rig.stop());

describe('REGISTER', () => {
  it('R10.3-8a, OB2, PA1: a 200 lists every binding with what was registered', async () => {
    rig.register = async () => registered(['sip:a@192.0.2.1', 'sip:b@192.0.2.2;transport=tcp']);
    const response = await rig.agent().request({ ...register, headers: [credentials] });
    expect(response.status).toBe(200);
    expect(response.rows('contact')).toEqual([
      '<sip:a@192.0.2.1>;expires=1800;q=0.5;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";reg-id=1;audio;methods="INVITE,BYE"',
      expect.stringContaining('<sip:b@192.0.2.2;transport=tcp>'),
    ]);
    expect(response.row('path')).toBe('<sip:p@h;lr>');
    expect(response.row('require')).toBe('outbound');
    expect(response.row('flow-timer')).toBe('29');
    expect(response.row('date')).toMatch(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} .* GMT$/);
  });

  it('a 200 that no datagram holds is told as 513; a connection gets it whole', async () => {
    const uris = Array.from({ length: 10 }, (_, index) => `sip:${index}@192.0.2.1;x=${'y'.repeat(7_000)}`);
    rig.register = async () => registered(uris);
    const fetch = { ...register, headers: [credentials] };
    const { status, reasonPhrase } = await rig.agent().request(fetch);
    expect([status, reasonPhrase]).toEqual([513, 'Response Too Large For UDP']);
    expect((await rig.agent('tcp').request(fetch)).rows('contact')).toHaveLength(10);
  });

  it('OB12: a Flow-Timer with Require: outbound only; whoever is silent for longer is gone', async () => {
    rig.env = { EDGE_FLOW_TIMER: '1' };
    await rig.restart();
    const ok = registered(['sip:a@192.0.2.1']);
    rig.register = async () => ok;
    const outcome = ok.outcome?.$case === 'registered' ? ok.outcome.value : undefined;
    const [silent, other] = [rig.agent('tcp'), rig.agent('tcp')];
    const flowTimer = async (agent: typeof silent) =>
      (await agent.request({ ...register, headers: [credentials] })).row('flow-timer');
    expect(await flowTimer(silent)).toBe('1');
    outcome?.require.pop();
    expect(await flowTimer(other)).toBeUndefined();
    const startedAtMs = performance.now();
    await expect(silent.nextMessage(8000)).rejects.toThrow('closed');
    expect(performance.now() - startedAtMs).toBeGreaterThan(1000);
    expect((await other.request({ method: 'OPTIONS', uri: 'sip:example.com' })).status).toBe(200);
  });

  it('OB13: what a connection leads to ends with it', async () => {
    const agent = rig.agent('tcp');
    const contact = `Contact: ${await agent.contactFor('alice')}`;
    await agent.request({ ...register, headers: [credentials, contact] });
    expect(rig.ended).toEqual([]);
    await agent.close();
    await expect.poll(() => rig.ended).toHaveLength(1);
    const { flow } = rig.registers[0] ?? {};
    expect(rig.ended).toEqual([{ edge: 'edge-1', token: flow?.token, aors: ['sip:alice@example.com'] }]);
  });

  it('hands the registrar what the phone said, byte for byte', async () => {
    await rig.agent().request({
      ...register,
      to: 'sip:%61lice@EXAMPLE.com;user=phone',
      headers: [
        credentials,
        'Contact: "Smith, \\"J\\" <x>; a" <sip:alice@192.0.2.9;x=1>;expires=120;q=0.7;foo="b,c"',
        'm: sip:c@192.0.2.10',
        'Expires: 900',
        'Path: <sip:p1;lr>, <sip:p2;lr>',
        'Supported: Path, outbound',
        'Require: pref',
        'User-Agent: phone/1',
      ],
    });
    expect(rig.registers[0]).toMatchObject({
      domain: 'example.com',
      aor: 'sip:alice@example.com',
      removeAll: false,
      expiresSec: 900,
      contacts: [
        { uri: 'sip:alice@192.0.2.9;x=1', expiresSec: 120, qMilli: 700, params: ';foo="b,c"' },
        { uri: 'sip:c@192.0.2.10', params: '' },
      ],
      path: ['<sip:p1;lr>', '<sip:p2;lr>'],
      supported: ['path', 'outbound'],
      require: ['pref'],
      userAgent: 'phone/1',
      viaCount: 1,
      credentials: [{ username: 'alice', nc: '00000001' }],
      flow: { edge: 'edge-1', transport: 1 },
    });
  });

  it('A16, A7: a challenge makes one row for each algorithm, strongest first, with stale', async () => {
    rig.register = async () => challenged(true);
    const response = await rig.agent().request({ ...register, headers: [credentials] });
    expect(response.status).toBe(401);
    const rows = response.rows('www-authenticate');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain('algorithm=SHA-256');
    expect(rows[1]).toContain('algorithm=MD5');
    expect(rows[0]).toContain('stale=true');
  });

  it('answers a first REGISTER from a lease once the domain is known to be served, each with a fresh nonce', async () => {
    rig.register = async () => challenged(false);
    const agent = rig.agent();
    await agent.request(register);
    expect(rig.registers).toHaveLength(1);
    const nonces = new Set<string | undefined>();
    for (let index = 0; index < 20; index += 1) {
      const response = await agent.request(register);
      expect(response.status).toBe(401);
      nonces.add(/nonce="(lease[^"]*)"/.exec(response.row('www-authenticate') ?? '')?.[1]);
    }
    expect(nonces.size).toBe(20);
    expect(rig.registers).toHaveLength(1);
  });

  it('T4, U13: a repeated first REGISTER gets the same 401, byte for byte', async () => {
    rig.register = async () => challenged(false);
    const agent = rig.agent();
    await agent.request(register);
    const text = await agent.format(register);
    await agent.sendText(text);
    const first = await agent.nextText();
    expect(first).toContain('nonce="lease');
    await agent.sendText(text);
    expect(await agent.nextText()).toBe(first);
  });

  it('T4: so does the repetition of the very first one, which the registrar has challenged', async () => {
    rig.register = async () => challenged(false);
    const agent = rig.agent();
    const text = await agent.format(register);
    await agent.sendText(text);
    const first = await agent.nextText();
    expect(first).not.toContain('nonce="lease');
    // By now there are leases.
    await agent.request(register);
    await agent.sendText(text);
    expect(await agent.nextText()).toBe(first);
    expect(rig.registers).toHaveLength(1);
  });

  it('leaves a source that IP authentication may admit to the registrar', async () => {
    rig.networks = ['127.0.0.0/8'];
    rig.register = async () => challenged(false);
    const agent = rig.agent();
    for (let index = 0; index < 3; index += 1) await agent.request(register);
    expect(rig.registers).toHaveLength(3);
  });

  it.each([
    [423, { minExpiresSec: 60 }, 'min-expires', '60'],
    [420, { unsupported: ['foo', 'bar'] }, 'unsupported', 'foo, bar'],
    [503, { retryAfterSec: 7 }, 'retry-after', '7'],
  ])('%i says what the registrar says', async (status, details, header, value) => {
    const nothing = { minExpiresSec: 0, unsupported: [], retryAfterSec: 0 };
    rig.register = async () => ({
      outcome: { $case: 'rejected', value: { status, reasonPhrase: 'Because', ...nothing, ...details } },
    });
    const response = await rig.agent().request({ ...register, headers: [credentials] });
    expect([response.status, response.reasonPhrase, response.row(header)]).toEqual([
      status,
      'Because',
      value,
    ]);
  });

  it.each([
    ['UNAVAILABLE', 503],
    ['RESOURCE_EXHAUSTED', 503],
    ['DEADLINE_EXCEEDED', 503],
    ['ABORTED', 500],
    ['INVALID_ARGUMENT', 400],
    ['PERMISSION_DENIED', 403],
    ['NOT_FOUND', 404],
    ['INTERNAL', 500],
  ] as const)('CN5: a fault of %s is a %i', async (code, status) => {
    rig.register = async () => {
      throw new ServiceFault(GrpcCode[code], 'TEST', 'for the test');
    };
    const response = await rig.agent().request({ ...register, headers: [credentials] });
    expect(response.status).toBe(status);
    if (status === 503) expect(Number(response.row('retry-after'))).toBeGreaterThan(0);
  });

  it('a bug is a 500, not silence', async () => {
    rig.register = async () => {
      throw new TypeError('bug');
    };
    const response = await rig.agent().request({ ...register, headers: [credentials] });
    expect(response.status).toBe(500);
  });

  it.each([
    ['TT-unksm2: a To that is no SIP URI', { ...register, to: 'isbn:2983792873' }],
    ['TT-regbadct: a Contact with ? outside of <>', { ...register, headers: ['Contact: sip:a@h?x=y'] }],
    ['PA1: a Path that is no route', { ...register, headers: ['Path: sip:p@h;lr'] }],
  ])('400 for %s', async (_what, request) => {
    const response = await rig.agent().request(request);
    expect(response.status).toBe(400);
    expect(rig.registers).toHaveLength(0);
  });

  it('U7: a body in an unknown encoding is 415, unless it is optional', async () => {
    const agent = rig.agent();
    const encoded = { ...register, body: 'x', headers: [credentials, 'Content-Encoding: gzip'] };
    const response = await agent.request(encoded);
    expect([response.status, response.row('accept-encoding')]).toEqual([415, 'identity']);
    const optional = [...encoded.headers, 'Content-Disposition: render;handling=optional'];
    expect((await agent.request({ ...encoded, headers: optional })).status).toBe(200);
  });

  it.each([
    ['two codings of which one is unknown', ['Content-Encoding: identity', 'e: gzip'], 415],
    ['codings that change nothing', ['Content-Encoding: identity, IDENTITY'], 200],
    ['optional, however it is spelt', ['e: gzip', 'Content-Disposition: x ;\tHandling = Optional;y'], 200],
    ['a type that nobody needs', ['Content-Type: application/x-unheard-of'], 200],
    ['one that must be handled', ['c: a/b', 'Content-Disposition: render;handling=required'], 415],
    ['encrypted', ['Content-Type: application/pkcs7-mime; name=x; smime-type=enveloped-data'], 493],
    ['signed', ['Content-Type: application/pkcs7-mime; smime-type=signed-data'], 200],
  ])('U7: a body: %s', async (_what, rows, status) => {
    const response = await rig.agent().request({ ...register, body: 'x', headers: [credentials, ...rows] });
    expect(response.status).toBe(status);
    expect(response.rows('accept')).toHaveLength(status === 415 ? 1 : 0);
    expect(rig.registers).toHaveLength(status === 200 ? 1 : 0);
    // Without a body they describe nothing.
    const bare = await rig.agent().request({ ...register, headers: [credentials, ...rows] });
    expect(bare.status).toBe(200);
  });

  it('T3, T4: a repetition reaches the registrar once, and gets the same bytes', async () => {
    const agent = rig.agent();
    const text = await agent.format({ ...register, headers: [credentials] });
    await agent.sendText(text);
    await agent.sendText(text);
    const first = await agent.nextText();
    expect(first).toContain('SIP/2.0 200');
    expect(await agent.nextText()).toBe(first);
    expect(rig.registers).toHaveLength(1);
  });

  it('P3: Proxy-Require is refused here', async () => {
    const response = await rig.agent().request({ ...register, headers: ['Proxy-Require: zz'] });
    expect([response.status, response.row('unsupported')]).toEqual([420, 'zz']);
  });
});
