import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { ResolveResponse } from '@rollcall/rpc';
import { AgentTimeout } from '@rollcall/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig, refused } from './edge-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.start();
});
afterEach(() => rig.stop());

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
    ['U2: a method that Allow lists, for no user', 'INVITE', 404],
    ['U2: the same of a message', 'MESSAGE', 404],
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

it.each([
  ['has been reset', (socket: Socket): unknown => socket.resetAndDestroy(), 1],
  ['was closed by its sender', (socket: Socket): unknown => socket.destroy(), 2],
] as const)(
  'X6: an answer whose connection %s goes by a new one to where its sender listens',
  async (_how, close, left) => {
    let answerNow: (response: ResolveResponse) => void = () => undefined;
    rig.resolve = () => new Promise((resolve) => (answerNow = resolve));
    const received: string[] = [];
    const phone = createServer((socket) => socket.on('data', (bytes) => received.push(bytes.toString())));
    await once(phone.listen(0, '127.0.0.1'), 'listening');
    const { port } = phone.address() as AddressInfo;
    const text = await rig.agent('tcp').format({ method: 'MESSAGE', uri: 'sip:alice@example.com' });
    const socket = connect(rig.ports.tcp, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(text.replace(/(Via: SIP\/2.0\/TCP 127.0.0.1):\d+/, `$1:${port}`));
    const metrics = async () => (await rig.metrics.render()).body;
    await expect.poll(metrics).toContain('method="MESSAGE",transport="tcp"} 1');
    close(socket);
    if (left === 1) await expect.poll(metrics).toMatch(/rollcall_connections_active\{transport="tcp"\} 1\n/);
    else await new Promise((resolve) => setTimeout(resolve, 200));
    answerNow(refused(404));
    await expect.poll(() => received.join('')).toContain('SIP/2.0 404');
    phone.close();
  },
);

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
    rig.resolve = async () => ({
      outcome: { $case: 'redirected', value: { targets: [target, second], permanent: false } },
    });
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
    rig.resolve = async () => ({
      outcome: { $case: 'redirected', value: { targets: [target], permanent: false } },
    });
    expect((await agent.request(foo)).status).toBe(302);
  });

  it('RFC 5630: tells the warning of a refusal', async () => {
    const warning = '380 example.com "SIPS Not Allowed"';
    const value = { status: 480, reasonPhrase: '', retryAfterSec: 0, warning };
    rig.resolve = async () => ({ outcome: { $case: 'refused', value } });
    const response = await rig.agent().request({ ...invite, uri: 'sips:alice@example.com' });
    expect([response.status, response.rows('warning')]).toEqual([480, [warning]]);
    rig.resolve = async () => refused(480);
    expect((await rig.agent().request(invite)).rows('warning')).toEqual([]);
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
    expect(response.kind === 'response' && response.reasonPhrase).toBe('Malformed Content-Length');
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

describe('told to stop', () => {
  it('answers what it took, closes connections that owe nothing, and serves UDP until then', async () => {
    const answer = Promise.withResolvers<ResolveResponse>();
    rig.resolve = () => answer.promise;
    const [tcp, idle, udp] = [rig.agent('tcp'), rig.agent('tcp'), rig.agent('udp')];
    expect((await idle.request({ method: 'OPTIONS', uri: 'sip:example.com' })).status).toBe(200);
    const final = tcp.request({ method: 'INVITE', uri: 'sip:alice@example.com' });
    await rig.resolving;
    const drained = rig.drain();
    // UDP is still served while a connection owes an answer.
    expect((await udp.request({ method: 'OPTIONS', uri: 'sip:example.com' })).status).toBe(200);
    answer.resolve(refused(404));
    expect((await final).status).toBe(404);
    await drained;
    const shown = await rig.metrics.render();
    expect(shown.body).toContain('rollcall_connections_closed_total{transport="tcp",reason="drain"} 2');
    await expect(
      rig.agent('udp', 200).request({ method: 'OPTIONS', uri: 'sip:example.com' }),
    ).rejects.toBeInstanceOf(AgentTimeout);
  });
});
