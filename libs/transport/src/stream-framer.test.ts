import type { SipParseError } from '@rollcall/sip';
import { describe, expect, it } from 'vitest';
import { latin1, registerText } from '../test/messages.ts';
import { type FrameReceiver, StreamFramer } from './stream-framer.ts';

class Recorder implements FrameReceiver {
  readonly frames: string[] = [];
  readonly errors: (number | undefined)[] = [];
  readonly heads: string[] = [];
  pings = 0;

  onFrame(bytes: Buffer): void {
    this.frames.push(bytes.toString('latin1'));
  }

  onPing(): void {
    this.pings += 1;
  }

  onError(error: SipParseError, head: Buffer): void {
    this.errors.push(error.status);
    this.heads.push(head.toString('latin1'));
  }
}

function frame(text: string, maxMessageBytes?: number) {
  const recorder = new Recorder();
  const framer = new StreamFramer(recorder, maxMessageBytes);
  framer.push(latin1(text));
  return { recorder, framer };
}

const message = registerText();
const withBody = registerText({ body: 'v=0\r\n\r\n\0\xffREGISTER' });

describe('stream framer', () => {
  it('X7: messages in one chunk come out one by one, bodies by Content-Length', () => {
    const { recorder, framer } = frame(message + withBody + message);
    expect(recorder.frames).toEqual([message, withBody, message]);
    expect(framer.midMessage).toBe(false);
  });

  it('X7: single bytes give the same', () => {
    const recorder = new Recorder();
    const framer = new StreamFramer(recorder);
    for (const byte of latin1(message + withBody)) framer.push(Buffer.from([byte]));
    expect(recorder.frames).toEqual([message, withBody]);
  });

  it('X7: frames stay what they are while later ones arrive', () => {
    const kept: Buffer[] = [];
    const framer = new StreamFramer({
      onFrame: (bytes) => kept.push(bytes),
      onPing: () => undefined,
      onError: () => undefined,
    });
    for (const byte of latin1(withBody + message + withBody)) framer.push(Buffer.from([byte]));
    expect(kept.map((bytes) => bytes.toString('latin1'))).toEqual([withBody, message, withBody]);
  });

  it('X8: without Content-Length there is no body', () => {
    const bare = registerText({ length: '' });
    expect(frame(bare + message).recorder.frames).toEqual([bare, message]);
  });

  it.each([
    'Content-Length: 3\r\n',
    'CONTENT-LENGTH:3\r\n',
    'content-length \t:  003  \r\n',
    'l: 3\r\n',
    'L :\t3\r\n',
    'Content-Length:\r\n 3\r\n',
    'Content-Length: 3\r\n \r\n',
  ])('X7: %j is understood', (length) => {
    const one = registerText({ length, body: 'abc' });
    expect(frame(one + message).recorder.frames).toEqual([one, message]);
  });

  it.each([
    'Content-Lengthy: 3\r\n',
    'Content-Type: 3\r\n',
    'Call-Info: 3\r\n',
    'lx: 3\r\n',
    'Subject: x\r\n Content-Length: 3\r\n',
    'Subject: x\nContent-Length: 3\r\n',
    'Subject: x\rContent-Length: 3\r\n',
    'Content-Length 3\r\n',
  ])('X9: %j is no Content-Length, for the parser neither', (length) => {
    const one = registerText({ length });
    expect(frame(one + message).recorder.frames).toEqual([one, message]);
  });

  it.each([
    ['negative', 'Content-Length: -1\r\n'],
    ['text', 'Content-Length: many\r\n'],
    ['empty', 'Content-Length:\r\n'],
    ['with something behind', 'Content-Length: 3 4\r\n'],
    ['a list', 'Content-Length: 3, 3\r\n'],
    ['hexadecimal', 'Content-Length: 0x3\r\n'],
    ['conflicting', 'Content-Length: 3\r\nContent-Length: 4\r\n'],
    ['given twice', 'Content-Length: 3\r\nl: 3\r\n'],
  ])('X9: Content-Length %s → 400, and nothing after it', (_what, length) => {
    const broken = registerText({ length });
    const { recorder, framer } = frame(message + broken + message);
    expect(recorder.frames).toEqual([message]);
    expect(recorder.errors).toEqual([400]);
    expect(recorder.heads).toEqual([broken]);
    framer.push(latin1(message));
    expect(recorder.frames).toHaveLength(1);
  });

  it('X11: 60 KB pass, and 65,535 bytes just so', () => {
    const big = registerText({ rows: `X-Big: ${'x'.repeat(60_000)}\r\n` });
    expect(frame(big).recorder.frames).toEqual([big]);
    const most = registerText({ body: 'x'.repeat(65_535 - registerText({ body: '12345' }).length + 1) });
    const exact = most.slice(0, most.length);
    expect(frame(exact, exact.length).recorder.frames).toEqual([exact]);
    expect(frame(exact, exact.length - 1).recorder.errors).toEqual([513]);
  });

  it('X11: a head without end → 513 at the limit, not later', () => {
    const recorder = new Recorder();
    const framer = new StreamFramer(recorder);
    const start = 'REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKa\r\n';
    framer.push(latin1(start));
    let pushed = start.length;
    while (recorder.errors.length === 0 && pushed < 5_000_000) {
      framer.push(latin1(`X-Row: ${'x'.repeat(991)}\r\n`));
      pushed += 1_000;
    }
    expect(recorder.errors).toEqual([513]);
    expect(pushed).toBeLessThan(67_000);
    expect(recorder.heads[0]?.length).toBeLessThanOrEqual(65_535);
    expect(recorder.heads[0]?.startsWith(start)).toBe(true);
    expect(framer.midMessage).toBe(false);
  });

  it('X11: a body announced as too large → 513 before it comes', () => {
    for (const length of ['65536', '99999999999999999999999999']) {
      const { recorder } = frame(registerText({ length: `Content-Length: ${length}\r\n` }));
      expect(recorder.errors).toEqual([513]);
    }
  });

  it.each(['\x16\x03\x01\x02', ' REGISTER', '\0\0\0\0', '"x"'])(
    'what starts like %j is no SIP: close without answer',
    (text) => {
      const { recorder } = frame(message + text + message);
      expect(recorder.frames).toEqual([message]);
      expect(recorder.errors).toEqual([undefined]);
    },
  );

  it('M16: CRLFs in front of a message are ignored', () => {
    const { recorder } = frame(`\r\n\r\n${message}\r\n${message}\n\r${message}`);
    expect(recorder.frames).toEqual([message, message, message]);
    expect(recorder.pings).toBe(1);
  });

  it('OB10: CRLFCRLF is a ping, a lone CRLF is nothing, also between messages', () => {
    expect(frame('\r\n\r\n').recorder.pings).toBe(1);
    expect(frame('\r\n').recorder.pings).toBe(0);
    expect(frame('\n\n\r\r').recorder.pings).toBe(0);
    expect(frame(`${message}\r\n\r\n${message}\r\n`).recorder.pings).toBe(1);
    expect(frame(`\r\n${message}\r\n`).recorder.pings).toBe(0);
    expect(frame('\r\n\r\n\r\n\r\n').recorder.pings).toBe(2);
  });

  it('OB10: a ping may come in pieces', () => {
    const recorder = new Recorder();
    const framer = new StreamFramer(recorder);
    for (const byte of latin1('\r\n\r\n')) framer.push(Buffer.from([byte]));
    expect(recorder.pings).toBe(1);
    expect(framer.midMessage).toBe(false);
  });

  it('closed by a handler, it gives out nothing more of the chunk', () => {
    const frames: Buffer[] = [];
    const framer: StreamFramer = new StreamFramer({
      onFrame: (bytes) => {
        frames.push(bytes);
        framer.close();
      },
      onPing: () => undefined,
      onError: () => undefined,
    });
    framer.push(latin1(message + message));
    expect(frames).toHaveLength(1);
  });

  it('closed by a ping, too', () => {
    const frames: Buffer[] = [];
    const framer: StreamFramer = new StreamFramer({
      onFrame: (bytes) => frames.push(bytes),
      onPing: () => framer.close(),
      onError: () => undefined,
    });
    framer.push(latin1(`\r\n\r\n\r\n\r\n${message}`));
    expect(frames).toHaveLength(0);
  });
});
