import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { computeHa1, computeResponse } from '@rollcall/digest';
import { parseDigestCredentials } from '@rollcall/sip';
import { afterEach, describe, expect, it } from 'vitest';
import { SipAgent } from '../src/index.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Answer = (request: string, reply: (text: string) => void) => void;

/** A server that answers each datagram as told. */
async function serveUdp(answer: Answer) {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { address, port }) => {
    answer(bytes.toString('latin1'), (text) => socket.send(Buffer.from(text, 'latin1'), port, address));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closers.push(() => socket.close());
  return { host: '127.0.0.1', port: socket.address().port };
}

/** A server that does as told with its connection. */
async function serveTcp(onConnection: (socket: Socket) => void) {
  const server = createServer((socket) => {
    closers.push(() => socket.destroy());
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const address = server.address();
  return { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

function rowOf(text: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trimEnd() ?? '';
}

function respond(request: string, status: string, rows: readonly string[] = [], body = ''): string {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${rowOf(request, name)}`);
  const all = [`SIP/2.0 ${status}`, ...copied, ...rows, `Content-Length: ${body.length}`];
  return `${all.join('\r\n')}\r\n\r\n${body}`;
}

const bob = { aor: 'sip:bob@example.com', password: 'builder' };
const challenges = [
  'WWW-Authenticate: Digest realm="example.com", nonce="n1", algorithm=MD5, qop="auth"',
  'WWW-Authenticate: Digest realm="example.com", nonce="n2", algorithm=SHA-256, qop="auth", opaque="o"',
];

describe('SipAgent', () => {
  it('registers: answers the strongest challenge, in one Call-ID with rising CSeq', async () => {
    const seen: string[] = [];
    const server = await serveUdp((request, reply) => {
      seen.push(request);
      const credentials = parseDigestCredentials(rowOf(request, 'Authorization'));
      if (credentials === undefined) return reply(respond(request, '401 Unauthorized', challenges));
      const ha1 = computeHa1('SHA-256', 'bob', 'example.com', 'builder');
      const parts = { ...credentials, algorithm: 'SHA-256', sess: false, method: 'REGISTER' } as const;
      const right = computeResponse(ha1, { ...parts, body: new Uint8Array() }) === credentials.response;
      const good = right && credentials.opaque === 'o' && credentials.nonce === 'n2';
      reply(respond(request, good ? '200 OK' : '403 Forbidden', [`Contact: ${rowOf(request, 'Contact')}`]));
    });
    await using agent = new SipAgent({ transport: 'udp', server });
    const answer = await agent.register({ ...bob, expires: 60 });
    expect(answer.status).toBe(200);
    expect(answer.row('contact')).toBe(await agent.contactFor('bob'));
    expect(seen.map((text) => rowOf(text, 'CSeq'))).toEqual(['1 REGISTER', '2 REGISTER']);
    expect(new Set(seen.map((text) => rowOf(text, 'Call-ID'))).size).toBe(1);
    expect(new Set(seen.map((text) => rowOf(text, 'Via'))).size).toBe(2);
    expect(seen.every((text) => rowOf(text, 'Expires') === '60')).toBe(true);
  });

  it('answers the algorithm that a test asks for, and says what was offered where it is not', async () => {
    const algorithms: string[] = [];
    const server = await serveUdp((request, reply) => {
      const credentials = parseDigestCredentials(rowOf(request, 'Authorization'));
      if (credentials !== undefined) algorithms.push(credentials.algorithm);
      reply(respond(request, credentials === undefined ? '401 Unauthorized' : '200 OK', challenges));
    });
    await using agent = new SipAgent({ transport: 'udp', server });
    expect((await agent.register({ ...bob, algorithm: 'MD5' })).status).toBe(200);
    expect(algorithms).toEqual(['MD5']);
    await expect(agent.register({ ...bob, algorithm: 'SHA-512-256' })).rejects.toThrow('algorithm=SHA-256');
  });

  it('waits for the final response and leaves the provisional one to be read', async () => {
    const server = await serveUdp((request, reply) => {
      if (request.startsWith('ACK')) return;
      reply(respond(request, '100 Trying'));
      reply(respond(request, '302 Moved Temporarily', ['Contact: <sip:bob@192.0.2.9>']));
    });
    await using agent = new SipAgent({ transport: 'udp', server });
    const answer = await agent.request({ method: 'INVITE', uri: bob.aor });
    expect(answer.status).toBe(302);
    expect(await agent.nextMessage()).toMatchObject({ kind: 'response', status: 100 });
  });

  it('acknowledges the failure of an INVITE in its transaction', async () => {
    const requests: string[] = [];
    const acknowledged = Promise.withResolvers<string>();
    const server = await serveUdp((request, reply) => {
      requests.push(request);
      if (request.startsWith('ACK')) return acknowledged.resolve(request);
      reply(respond(request, '404 Not Found').replace(/^To: .*$/m, '$&;tag=there'));
    });
    await using agent = new SipAgent({ transport: 'udp', server });
    await agent.request({ method: 'INVITE', uri: bob.aor, headers: ['Subject: x'], body: 'v=0' });
    const ack = await acknowledged.promise;
    expect(rowOf(ack, 'Via')).toBe(rowOf(requests[0] ?? '', 'Via'));
    expect(rowOf(ack, 'To')).toContain(';tag=there');
    expect(rowOf(ack, 'CSeq')).toBe('1 ACK');
    expect(rowOf(ack, 'Content-Length')).toBe('0');
  });

  it('sends once unless told to retransmit, and then the same bytes', async () => {
    const seen: string[] = [];
    const server = await serveUdp((request, reply) => {
      seen.push(request);
      if (seen.length === 2) reply(respond(request, '200 OK'));
    });
    await using agent = new SipAgent({ transport: 'udp', server });
    const request = { method: 'OPTIONS', uri: 'sip:example.com' };
    await expect(agent.request({ ...request, timeoutMs: 50 })).rejects.toThrow(
      'no final response to OPTIONS',
    );
    expect(seen).toHaveLength(1);
    seen.length = 0;
    expect((await agent.request({ ...request, retransmits: true })).status).toBe(200);
    expect(seen[1]).toBe(seen[0]);
  });

  it('sends any text, and gives back any bytes', async () => {
    const server = await serveUdp((request, reply) => reply(`echo ${request}`));
    await using agent = new SipAgent({ transport: 'udp', server });
    await agent.sendText('\xff\x00 not SIP');
    expect(await agent.nextText()).toBe('echo \xff\x00 not SIP');
    await agent.sendText('again');
    await expect(agent.nextMessage()).rejects.toThrow();
  });

  it('takes the messages of a stream apart, whatever their chunks', async () => {
    const server = await serveTcp((socket) => {
      socket.once('data', (bytes) => {
        const request = bytes.toString('latin1');
        const stream = `\r\n${respond(request, '100 Trying', [], 'abc')}${respond(request, '200 OK', [], 'd')}`;
        for (const byte of stream) socket.write(byte, 'latin1');
      });
    });
    await using agent = new SipAgent({ transport: 'tcp', server });
    const answer = await agent.request({ method: 'OPTIONS', uri: 'sip:example.com' });
    expect(answer.body.toString('latin1')).toBe('d');
    expect(await agent.nextText()).toBe('\r\n');
    expect((await agent.nextMessage()).body.toString('latin1')).toBe('abc');
  });

  it('tells whoever waits that the connection has ended', async () => {
    const server = await serveTcp((socket) => socket.end());
    await using agent = new SipAgent({ transport: 'tcp', server });
    await agent.open();
    await expect(agent.nextMessage()).rejects.toThrow('closed the connection');
  });
});
