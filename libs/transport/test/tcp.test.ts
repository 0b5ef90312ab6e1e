import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FlowTable, listenTcp, reconnectTarget, type StreamOptions, type TcpListener } from '../src/index.ts';
import { latin1, parseVia, registerText } from './messages.ts';
import { Phone } from './phone.ts';
import { RecordingSink } from './recording-sink.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function listen(
  sink: RecordingSink,
  options: StreamOptions = {},
  host = '127.0.0.1',
): Promise<TcpListener> {
  const listener = await listenTcp({ host, port: 0 }, sink, options);
  cleanUps.push(() => listener.close());
  return listener;
}

async function dial(listener: TcpListener, host = '127.0.0.1'): Promise<Phone> {
  const socket = connect({ host, port: listener.address.port });
  await once(socket, 'connect');
  cleanUps.push(async () => socket.destroy());
  return new Phone(socket);
}

const message = registerText();
const ok = 'SIP/2.0 200 OK\r\n\r\n';

function answering(): RecordingSink {
  const sink = new RecordingSink();
  sink.answer = (_text, flow) => flow.send(latin1(ok));
  return sink;
}

describe('TCP', () => {
  it('X6, X7: three requests in one segment get three answers on the same connection', async () => {
    const sink = answering();
    const listener = await listen(sink);
    const phone = await dial(listener);
    phone.socket.write(message + message + message);
    expect(await phone.until((text) => text.length >= 3 * ok.length)).toBe(ok + ok + ok);
    expect(sink.flow).toMatchObject({
      transport: 'tcp',
      reliable: true,
      open: true,
      local: listener.address,
    });
    expect(sink.flow.remote.port).toBe(phone.socket.localPort);
    expect(listener.stats).toMatchObject({
      connectionsOpen: 1,
      streamMessagesReceived: 3,
      streamMessagesSent: 3,
    });
  });

  it('X7: a request sent byte by byte gets one answer', async () => {
    const sink = answering();
    const phone = await dial(await listen(sink));
    phone.socket.setNoDelay(true);
    for (const char of message) {
      await new Promise((resolve) => phone.socket.write(latin1(char), resolve));
    }
    await phone.until((text) => text === ok);
    expect(sink.messages.map(({ text }) => text)).toEqual([message]);
  });

  it('OB10, M16: CRLFCRLF gets one CRLF at once, a lone CRLF nothing, also in front of a request', async () => {
    const sink = answering();
    const listener = await listen(sink);
    const phone = await dial(listener);
    phone.socket.write('\r\n\r\n');
    expect(await phone.until((text) => text.length >= 2)).toBe('\r\n');
    phone.socket.write(`\r\n${message}\r\n\r\n${message}`);
    expect(await phone.until((text) => text.length >= 2 + ok.length + 2 + ok.length)).toBe(
      `\r\n${ok}\r\n${ok}`,
    );
    expect(listener.stats.keepAlivesAnswered).toBe(2);
  });

  it('OB10: a flood of pings is not answered one by one', async () => {
    const sink = answering();
    const listener = await listen(sink);
    const phone = await dial(listener);
    phone.socket.write('\r\n\r\n'.repeat(10_000) + message);
    await phone.until((text) => text.endsWith(ok));
    expect(listener.stats.keepAlivesAnswered).toBeLessThan(200);
  });

  it('X9: a bad Content-Length is answered, and then the connection is closed', async () => {
    const sink = new RecordingSink();
    sink.answer = (_text, flow) => flow.send(latin1('SIP/2.0 400 Bad\r\n\r\n'));
    const listener = await listen(sink);
    const phone = await dial(listener);
    phone.socket.write(registerText({ length: 'Content-Length: -1\r\n' }) + message.repeat(100));
    await once(phone.socket, 'end', { signal: AbortSignal.timeout(10_000) });
    phone.socket.end();
    await phone.closed();
    expect(phone.received).toBe('SIP/2.0 400 Bad\r\n\r\n');
    await sink.until(() => sink.closed.length === 1);
    expect(sink.closed).toEqual(['framing-error']);
    expect(sink.framingErrors).toEqual([400]);
    expect(sink.messages).toHaveLength(0);
    expect(listener.stats).toMatchObject({ framingErrors: 1, connectionsOpen: 0 });
  });

  it('X9: a peer that does not close after its error is closed', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink, { limits: { lingerMs: 40 } });
    const phone = await dial(listener);
    phone.socket.write(' garbage\r\n\r\n');
    await sink.until(() => sink.closed.length === 1);
    expect(sink.framingErrors).toEqual([undefined]);
    expect(sink.closed).toEqual(['framing-error']);
  });

  it('X11: 60 KB pass; a head without end gets 513 and is closed', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink);
    const phone = await dial(listener);
    phone.socket.write(registerText({ rows: `X-Big: ${'x'.repeat(60_000)}\r\n` }));
    await sink.until(() => sink.messages.length === 1);
    phone.socket.write(`REGISTER sip:example.com SIP/2.0\r\nX: ${'x'.repeat(5_000_000)}`);
    await sink.until(() => sink.framingErrors.length === 1);
    expect(sink.framingErrors).toEqual([513]);
    await sink.until(() => sink.closed.length === 1);
  });

  it('X14: a connection without a message is closed in time, keep-alives or not', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink, { limits: { firstMessageTimeoutMs: 60 } });
    const silent = await dial(listener);
    const pinging = await dial(listener);
    const ping = setInterval(() => pinging.socket.write('\r\n\r\n'), 10);
    await Promise.all([silent.closed(), pinging.closed()]);
    clearInterval(ping);
    await sink.until(() => sink.closed.length === 2);
    expect(listener.stats.connectionsClosed['no-message']).toBe(2);
  });

  it('X14: a message that drips is cut off in time, however steadily it drips', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink, { limits: { messageTimeoutMs: 100 } });
    const slow = await dial(listener);
    const drip = setInterval(() => slow.socket.write('X'), 10);
    await slow.closed();
    clearInterval(drip);
    await sink.until(() => sink.closed.length === 1);
    // A peer that still writes may answer the close with a reset; the reason is the first one.
    expect(sink.closed).toEqual(['slow-message']);
  });

  it('X14: a connection that says nothing any more is closed after the idle time', async () => {
    const sink = new RecordingSink();
    const phone = await dial(await listen(sink, { limits: { idleTimeoutMs: 60 } }));
    phone.socket.write(message);
    await phone.closed();
    await sink.until(() => sink.closed.length === 1);
    expect(sink.closed).toEqual(['idle']);
  });

  it('X15: a connection is not closed after its answer', async () => {
    const sink = answering();
    const phone = await dial(
      await listen(sink, { limits: { firstMessageTimeoutMs: 500, messageTimeoutMs: 500 } }),
    );
    phone.socket.write(message);
    await phone.until((text) => text === ok);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    phone.socket.write(message);
    await phone.until((text) => text === ok + ok);
    expect(sink.closed).toEqual([]);
  });

  it('a peer that does not read is closed at the limit of the write queue', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink, { limits: { writeQueueBytes: 100_000 } });
    const phone = await dial(listener);
    phone.socket.pause();
    phone.socket.write(message);
    await sink.until(() => sink.messages.length === 1);
    const { flow } = sink;
    let waiting = 0;
    for (let sent = 0; flow.open && sent < 10_000; sent += 1) {
      waiting = Math.max(waiting, listener.sendQueueBytes);
      flow.send(Buffer.alloc(10_000, 0x20));
    }
    expect(flow.open).toBe(false);
    expect(waiting).toBeGreaterThan(80_000);
    expect(waiting).toBeLessThanOrEqual(100_000);
    await sink.until(() => sink.closed.length === 1);
    expect(sink.closed).toEqual(['slow-reader']);
    expect(listener.sendQueueBytes).toBe(0);
  });

  it('answers still reach a peer that has closed its side', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink, { limits: { lingerMs: 500 } });
    const phone = await dial(listener);
    phone.socket.end(message);
    await sink.until(() => sink.messages.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    sink.flow.send(latin1(ok));
    await phone.closed();
    expect(phone.received).toBe(ok);
    await sink.until(() => sink.closed.length === 1);
    expect(sink.closed).toEqual(['peer-closed']);
  });

  it('a peer that closes its side and is owed nothing is closed at once, after its last answer too', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink, { limits: { lingerMs: 600_000 } });
    const idle = await dial(listener);
    idle.socket.end();
    await idle.closed();
    const phone = await dial(listener);
    phone.socket.end(message);
    await sink.until(() => sink.messages.length === 1);
    sink.flow.send(latin1(ok.replace('200', '100')));
    sink.flow.send(latin1(ok));
    await phone.closed();
    expect(phone.received).toContain(ok);
    await sink.until(() => sink.closed.length === 2);
    expect(sink.closed).toEqual(['peer-closed', 'peer-closed']);
  });

  it('T13: an answer to a connection that is gone is counted; the flow is found no more', async () => {
    const sink = new RecordingSink();
    const flows = new FlowTable();
    const listener = await listen(sink, { flows });
    const phone = await dial(listener);
    phone.socket.write(message);
    await sink.until(() => sink.messages.length === 1);
    const { flow } = sink;
    expect(flows.find(flow.flowToken)).toBe(flow);
    phone.socket.resetAndDestroy();
    await sink.until(() => sink.closed.length === 1);
    expect(sink.closed).toEqual(['peer-reset']);
    expect(flow.open).toBe(false);
    expect(flows.find(flow.flowToken)).toBeUndefined();
    flow.send(latin1(ok));
    expect(listener.stats.dropped['send-closed']).toBe(1);
  });

  it('X6: a new connection can be made to received and the sent-by port', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink);
    const phone = createServer();
    phone.listen(0, '127.0.0.1');
    await once(phone, 'listening');
    cleanUps.push(async () => phone.close());
    const bound = phone.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const accepted = once(phone, 'connection');
    const via = parseVia(`SIP/2.0/TCP 10.0.0.1:${port}`);
    const flow = await listener.connect(reconnectTarget(via, { host: '127.0.0.1', port: 1 }), 5_000);
    const [socket] = (await accepted) as [Socket];
    const arrived = once(socket, 'data');
    flow.send(latin1(ok));
    const [chunk] = (await arrived) as [Buffer];
    expect(chunk.toString('latin1')).toBe(ok);
    socket.destroy();
    phone.close();
    await sink.until(() => sink.closed.length === 1);
    await expect(listener.connect({ host: '127.0.0.1', port }, 5_000)).rejects.toThrow(
      'no connection to 127.0.0.1',
    );
  });

  it('connections are limited, in all and per source', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink, { limits: { connections: 2 } });
    const first = await dial(listener);
    await dial(listener);
    await sink.until(() => sink.opened.length === 2);
    await (await dial(listener)).closed();
    expect(listener.stats.dropped['connection-limit']).toBe(1);
    await expect(listener.connect(listener.address, 1_000)).rejects.toThrow('limit');
    first.socket.destroy();
    await sink.until(() => sink.closed.length === 1);
    await dial(listener);
    await sink.until(() => sink.opened.length === 3);
    expect(listener.connectionCount).toBe(2);

    const narrow = await listen(sink, { limits: { connectionsPerSource: 1 } });
    await dial(narrow);
    await sink.until(() => sink.opened.length === 4);
    await (await dial(narrow)).closed();
    expect(narrow.stats.dropped['source-limit']).toBe(1);
  });

  it('stopped, it takes no new connection and goes on with the open ones; close ends all', async () => {
    const sink = answering();
    const listener = await listen(sink);
    const phone = await dial(listener);
    await sink.until(() => sink.opened.length === 1);
    listener.stop();
    phone.socket.write(message);
    await phone.until((text) => text === ok);
    const refused = connect(listener.address.port, '127.0.0.1');
    await expect(once(refused, 'connect')).rejects.toThrow('ECONNREFUSED');
    await listener.close();
    await listener.close();
    expect(sink.closed).toEqual(['shutdown']);
    expect(listener.stats).toMatchObject({ connectionsOpen: 0, connectionsOpened: 1 });
  });

  describe('drained, it takes no new connection and', () => {
    it('closes the open ones in portions, over the time given', async () => {
      const sink = answering();
      const listener = await listen(sink);
      const phones = await Promise.all(Array.from({ length: 10 }, () => dial(listener)));
      await sink.until(() => sink.opened.length === phones.length);
      let closed = 0;
      const firstHalf = Promise.withResolvers<number>();
      for (const phone of phones) {
        phone.socket.on('close', () => {
          closed += 1;
          if (closed === phones.length / 2) firstHalf.resolve(listener.connectionCount);
        });
      }
      const drained = listener.drain(600);
      // Whoever is told to go in the first half of the time goes; the others are served on.
      expect(await firstHalf.promise).toBeGreaterThan(0);
      const staying = phones.find(({ socket }) => !socket.closed && socket.readyState === 'open');
      staying?.socket.write(message);
      await staying?.until((text) => text === ok);
      const refused = connect(listener.address.port, '127.0.0.1');
      await expect(once(refused, 'connect')).rejects.toThrow('ECONNREFUSED');
      await drained;
      expect(sink.closed).toEqual(phones.map(() => 'drain'));
      expect(listener.connectionCount).toBe(0);
    });

    it('answers first what a phone has begun to ask', async () => {
      const sink = new RecordingSink();
      const listener = await listen(sink);
      const [asking, halfway, quiet] = [await dial(listener), await dial(listener), await dial(listener)];
      await sink.until(() => sink.opened.length === 3);
      asking.socket.write(message);
      await sink.until(() => sink.messages.length === 1);
      sink.answer = (_text, flow) => flow.send(latin1(ok));
      halfway.socket.write(message + message.slice(0, 40));
      await sink.until(() => sink.messages.length === 2);
      const drained = listener.drain(0);
      await quiet.closed();
      halfway.socket.write(message.slice(40));
      await halfway.closed();
      expect(halfway.received).toBe(ok + ok);
      sink.messages[0]?.flow.send(latin1(ok));
      await asking.closed();
      expect(asking.received).toBe(ok);
      await drained;
      expect(sink.closed).toEqual(['drain', 'drain', 'drain']);
    });

    it('closes one that never lets it come to an end', async () => {
      const sink = new RecordingSink();
      const listener = await listen(sink, { limits: { lingerMs: 100 } });
      const phone = await dial(listener);
      phone.socket.write(message);
      await sink.until(() => sink.messages.length === 1);
      await listener.drain(0);
      expect(sink.closed).toEqual(['drain']);
    });
  });

  it('IPv4 on a dual-stack listener is shown as IPv4; an address in use is refused', async () => {
    const sink = answering();
    const listener = await listen(sink, {}, '::');
    const phone = await dial(listener);
    phone.socket.write(message);
    await phone.until((text) => text === ok);
    expect(sink.flow.remote.host).toBe('127.0.0.1');
    expect(sink.flow.local.host).toBe('127.0.0.1');
    await expect(listenTcp(listener.address, sink)).rejects.toThrow('EADDRINUSE');
  });
});
