import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type DatagramOutcome, DatagramSender } from '../src/datagram-sender.ts';

let server: Socket;
let received: string[];
let outcomes: DatagramOutcome[];
let sender: DatagramSender | undefined;
beforeEach(async () => {
  server = createSocket('udp4');
  received = [];
  outcomes = [];
  server.on('message', (bytes) => received.push(bytes.toString()));
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
});
afterEach(() => {
  sender?.close();
  server.close();
});

const onOutcome = (outcome: DatagramOutcome) => outcomes.push(outcome);
const loopback = [{ address: '127.0.0.1', family: 4 }];

it('sends to an address at once', async () => {
  sender = new DatagramSender({ host: '127.0.0.1', port: server.address().port }, { onOutcome });
  sender.send(Buffer.from('a'));
  await vi.waitFor(() => expect(received).toEqual(['a']));
  expect(outcomes).toEqual(['sent']);
});

it('counts what it has no address for, asks again, and keeps what it knew while the resolver fails', async () => {
  const answers = [undefined, loopback, undefined];
  let asked = 0;
  const lookUp = async () => {
    const answer = answers[asked];
    asked += 1;
    if (answer === undefined) throw new Error('SERVFAIL');
    return answer;
  };
  const target = { host: 'capture.example', port: server.address().port };
  sender = new DatagramSender(target, { onOutcome, lookUp, lookUpEveryMs: 100 });
  sender.send(Buffer.from('too early'));
  expect(outcomes).toEqual(['no-address']);
  await vi.waitFor(() => expect(asked).toBeGreaterThan(3));
  sender.send(Buffer.from('b'));
  await vi.waitFor(() => expect(received).toEqual(['b']));
});

it('does not wait for a resolver that never answers', async () => {
  let asked = 0;
  const lookUp = () => {
    asked += 1;
    return new Promise<never>(() => undefined);
  };
  const target = { host: 'capture.example', port: 9 };
  sender = new DatagramSender(target, { onOutcome, lookUp, lookUpTimeoutMs: 20, lookUpEveryMs: 100 });
  await vi.waitFor(() => expect(asked).toBeGreaterThan(2));
});

it('lets only so many datagrams wait', () => {
  const own: DatagramOutcome[] = [];
  sender = new DatagramSender(
    { host: '127.0.0.1', port: server.address().port },
    { onOutcome: (outcome) => own.push(outcome) },
  );
  for (let count = 0; count < 10_010; count += 1) sender.send(Buffer.from('x'));
  expect(own).toEqual(Array(10).fill('queue-full'));
});

it('says what the system does not take', async () => {
  sender = new DatagramSender({ host: '127.0.0.1', port: server.address().port }, { onOutcome });
  sender.send(Buffer.alloc(70_000));
  await vi.waitFor(() => expect(outcomes).toEqual(['failed']));
});

it('sends nothing once it is closed', () => {
  sender = new DatagramSender({ host: '127.0.0.1', port: server.address().port }, { onOutcome });
  sender.close();
  sender.send(Buffer.from('late'));
  expect(outcomes).toEqual(['no-address']);
});
