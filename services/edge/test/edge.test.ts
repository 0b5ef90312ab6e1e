import {
  GrpcCode,
  type RegisterRequest,
  type RegisterResponse,
  type ResolveResponse,
  ServiceFault,
} from '@rollcall/rpc';
import { Metrics, systemClock } from '@rollcall/runtime';
import { AgentTimeout, ManualClock, SipAgent } from '@rollcall/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeEdge, type RunningEdge } from '../src/index.ts';

/** A registrar and a redirect service that answer as the test says, behind a real edge with real sockets. */
class Rig {
  readonly registers: RegisterRequest[] = [];
  register: (request: RegisterRequest) => Promise<RegisterResponse> = async () => registered([]);
  resolve: () => Promise<ResolveResponse> = async () => refused(404);
  leases = 0;
  noncesPerLease = 100;
  networks: string[] = [];
  #edge: RunningEdge | undefined;
  readonly #agents: SipAgent[] = [];

  async start(): Promise<void> {
    this.#edge = await composeEdge({
      config: {
        name: 'edge-1',
        udpListen: [{ host: '127.0.0.1', port: 0 }],
        tcpListen: [{ host: '127.0.0.1', port: 0 }],
      },
      clock: systemClock,
      logger: silentLogger(),
      metrics: new Metrics(),
      random: () => 0.5,
      registrar: {
        register: (request) => {
          this.registers.push(request);
          return this.register(request);
        },
        leaseChallenges: async ({ domain }) => {
          this.leases += 1;
          const nonces = Array.from(
            { length: this.noncesPerLease },
            (_, index) => `lease${this.leases}-${index}`,
          );
          return {
            lease: {
              domain,
              nonces,
              opaque: 'o',
              algorithms: ['SHA-256', 'MD5'],
              qop: 'auth',
              lifetimeMs: 60_000,
              networks: this.networks,
            },
          };
        },
      },
      redirect: { resolve: () => this.resolve() },
    });
  }

  agent(transport: 'udp' | 'tcp' = 'udp', timeoutMs = 5000): SipAgent {
    const server = this.#edge?.listeners.find((listener) => listener.transport === transport)?.address;
    if (server === undefined) throw new Error('not started');
    const agent = new SipAgent({ transport, server, timeoutMs });
    this.#agents.push(agent);
    return agent;
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents) await agent.close();
    await this.#edge?.close();
  }
}

function silentLogger(): Parameters<typeof composeEdge>[0]['logger'] {
  const nothing = () => undefined;
  return { error: nothing, warn: nothing, info: nothing, debug: nothing } as never;
}

function registered(uris: string[]): RegisterResponse {
  const bindings = uris.map((uri) => ({
    uri,
    params: ';audio;methods="INVITE,BYE"',
    expiresSec: 1800,
    qMilli: 500,
    instanceId: 'urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF',
    regId: 1,
    path: [],
    flow: undefined,
    registeredAtMs: 0,
    callId: 'c',
    cseq: 1,
    userAgent: '',
  }));
  return {
    outcome: {
      $case: 'registered',
      value: { bindings, path: ['<sip:p@h;lr>'], require: ['outbound'], supported: ['path'] },
    },
  };
}

function challenged(stale: boolean): RegisterResponse {
  const value = {
    realm: 'example.com',
    nonce: 'n',
    opaque: 'o',
    algorithms: ['SHA-256', 'MD5'],
    stale,
    qop: 'auth',
  };
  return { outcome: { $case: 'challenged', value } };
}

function refused(status: number): ResolveResponse {
  return { outcome: { $case: 'refused', value: { status, reasonPhrase: '', retryAfterSec: 0 } } };
}

const register = {
  method: 'REGISTER',
  uri: 'sip:example.com',
  from: 'sip:alice@example.com',
  to: 'sip:alice@example.com',
};
const credentials =
  'Authorization: Digest username="alice", realm="example.com", nonce="n", uri="sip:example.com", response="r", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"';

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
    expect(response.row('date')).toMatch(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} .* GMT$/);
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

describe('requests for the server', () => {
  it('O1: OPTIONS is 200 and says what is supported', async () => {
    const response = await rig.agent().request({ method: 'OPTIONS', uri: 'sip:example.com' });
    expect(response.status).toBe(200);
    for (const header of ['accept', 'accept-encoding', 'accept-language', 'supported', 'allow']) {
      expect(response.row(header), header).toBeDefined();
    }
  });

  it('O4: OPTIONS with an unknown Require is 420', async () => {
    const response = await rig
      .agent()
      .request({ method: 'OPTIONS', uri: 'sip:example.com', headers: ['Require: path, zz'] });
    expect([response.status, response.row('unsupported')]).toEqual([420, 'zz']);
  });

  it.each([
    ['M3, U3: an unknown method', 'register', 501],
    ['U2: a known method that is not served', 'INFO', 405],
    ['U2: BYE outside of a dialog', 'BYE', 481],
    ['U10: CANCEL without its INVITE', 'CANCEL', 481],
  ])('%s', async (_what, method, status) => {
    const response = await rig.agent().request({ method, uri: 'sip:example.com' });
    expect(response.status).toBe(status);
    if (status === 405 || status === 501) expect(response.row('allow')).toContain('REGISTER');
  });

  it('U4: an unknown scheme is 416', async () => {
    expect((await rig.agent().request({ method: 'OPTIONS', uri: 'foo:bar', to: 'sip:a@b' })).status).toBe(
      416,
    );
  });
});

describe('requests for a user', () => {
  const invite = { method: 'INVITE', uri: 'sip:alice@example.com' };
  const target = {
    uri: 'sip:alice@192.0.2.1;x=1?Route=%3Csip:p%3E',
    qMilli: 900,
    expiresSec: 590,
    params: ';audio',
  };

  it('D1, D2, D3, D13: 302 with the target set', async () => {
    const second = { uri: 'sip:alice@192.0.2.2', qMilli: undefined, expiresSec: 10, params: '' };
    rig.resolve = async () => ({ outcome: { $case: 'redirected', value: { targets: [target, second] } } });
    const response = await rig.agent().request(invite);
    expect(response.status).toBe(302);
    expect(response.rows('contact')).toEqual([
      '<sip:alice@192.0.2.1;x=1?Route=%3Csip:p%3E>;expires=590;q=0.9;audio',
      '<sip:alice@192.0.2.2>;expires=10',
    ]);
    expect(response.to.tag).toBeDefined();
  });

  it('D6: a method that nobody knows is redirected, or is 501 where there is nowhere to go', async () => {
    const agent = rig.agent();
    const foo = { method: 'FOO', uri: 'sip:alice@example.com', headers: ['Require: zz'] };
    expect((await agent.request(foo)).status).toBe(501);
    rig.resolve = async () => ({ outcome: { $case: 'redirected', value: { targets: [target] } } });
    expect((await agent.request(foo)).status).toBe(302);
  });

  it('T7: 100 within 200 ms while the look-up takes longer, then the final response', async () => {
    let answer = (_: ResolveResponse): void => undefined;
    rig.resolve = () => new Promise((resolve) => (answer = resolve));
    const agent = rig.agent();
    const text = await agent.format({ ...invite, headers: ['Timestamp: 54'] });
    await agent.sendText(text);
    const trying = await agent.nextMessage();
    expect(trying.kind === 'response' && trying.status).toBe(100);
    expect(trying.row('timestamp')).toBe('54');
    answer(refused(480));
    const final = await agent.nextMessage();
    expect(final.kind === 'response' && final.status).toBe(480);
  });

  it('U14: a request of a dialog that is not here is 481', async () => {
    const agent = rig.agent();
    const text = await agent.format({ method: 'SUBSCRIBE', uri: 'sip:alice@example.com' });
    await agent.sendText(text.replace(/^(To: .*)$/m, '$1;tag=x'));
    const response = await agent.nextMessage();
    expect(response.kind === 'response' && response.status).toBe(481);
  });
});

describe('the way back', () => {
  it('X2: rport is filled and received is added', async () => {
    const agent = rig.agent();
    const { host, port } = await agent.open();
    const response = await agent.request({ method: 'OPTIONS', uri: 'sip:example.com' });
    expect(response.topVia).toMatchObject({ rport: port, received: host });
  });

  it('X4: without rport a UDP response goes to the port of sent-by', async () => {
    const agent = rig.agent();
    const other = rig.agent();
    const { port } = await other.open();
    const text = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
    await agent.sendText(
      text.replace(/^Via: SIP\/2\.0\/UDP [^;]+(.*);rport/m, `Via: SIP/2.0/UDP 127.0.0.1:${port}$1`),
    );
    const response = await other.nextMessage();
    expect(response.kind === 'response' && response.status).toBe(200);
  });

  it.each(['udp', 'tcp'] as const)('U11: an ACK is never answered (%s)', async (transport) => {
    const agent = rig.agent(transport);
    await agent.sendText(await agent.format({ method: 'ACK', uri: 'sip:alice@example.com' }));
    await agent.sendText(await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' }));
    const response = await agent.nextMessage();
    expect(response.cseq.method).toBe('OPTIONS');
  });

  it('X9: a stream that cannot be framed gets 400 and is closed', async () => {
    const agent = rig.agent('tcp');
    const text = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
    await agent.sendText(text.replace('Content-Length: 0', 'Content-Length: -1'));
    const response = await agent.nextMessage();
    expect(response.kind === 'response' && response.status).toBe(400);
    await expect(agent.nextText()).rejects.toThrow('closed the connection');
  });

  it('P10: a response that nobody waits for is met with silence', async () => {
    const agent = rig.agent('udp', 300);
    await agent.sendText(
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n',
    );
    await expect(agent.nextMessage(300)).rejects.toBeInstanceOf(AgentTimeout);
  });
});

describe('leases', () => {
  it('a domain that is no longer served is forgotten', async () => {
    // Held with a manual clock, since it is about time.
    const { ChallengeLeases } = await import('../src/challenge-leases.ts');
    const clock = new ManualClock();
    let served = true;
    const lease = {
      domain: 'd',
      nonces: ['1', '2'],
      opaque: 'o',
      algorithms: ['MD5'],
      qop: 'auth',
      lifetimeMs: 1000,
      networks: [],
    };
    const leases = new ChallengeLeases({ clock, lease: async () => ({ lease: served ? lease : undefined }) });
    leases.learn('d');
    await Promise.resolve();
    await Promise.resolve();
    expect(leases.take('d', '192.0.2.1')).toContain('nonce="1"');
    served = false;
    clock.advance(1000);
    expect(leases.take('d', '192.0.2.1')).toBeUndefined();
    await Promise.resolve();
    await Promise.resolve();
    served = true;
    expect(leases.take('d', '192.0.2.1')).toBeUndefined();
  });
});
