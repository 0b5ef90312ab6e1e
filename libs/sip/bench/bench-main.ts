/**
 * Microseconds of processor time per message: this library beside JsSIP's and SIP.js's parsers, in one run. Contenders take turns round by
 * round, so that what slows the machine for a while slows them all. The median of the rounds, and the best of them, which
 * other load on shared cores and caches touches least.
 */
import { cpus } from 'node:os';
import {
  buildResponse,
  canonicalAor,
  parseMessage,
  parseUri,
  type SipMessage,
  type SipRequest,
  sameUri,
  serialise,
  validateRequest,
} from '../src/index.ts';
import { ok, okRows, register } from './messages.ts';
import { peers, readPeerMessage } from './peers.ts';

interface Contender {
  readonly name: string;
  /** One message; returns a number that depends on the work, so that none of it can be left out. */
  readonly run: () => number;
}

const rounds = 31;
const roundMs = 40;
const warmUpMs = 400;

function asRequest(message: SipMessage): SipRequest {
  if (message.kind !== 'request') throw new Error('not a request');
  return message;
}

/** All that edge and registrar read of a REGISTER. */
function readRegister(request: SipRequest): number {
  if (validateRequest(request) !== undefined) throw new Error('refused');
  const { contacts, toUri, uri } = request;
  if (contacts.star || toUri.kind !== 'sip' || uri.kind !== 'sip') throw new Error('not what was sent');
  return (
    canonicalAor(toUri).length +
    uri.host.length +
    request.callId.length +
    request.cseq.sequence +
    (request.topVia.branch?.length ?? 0) +
    request.vias.length +
    (request.expiresSec ?? 0) +
    (request.maxForwards ?? 0) +
    contacts.contacts.length +
    request.supported.length +
    request.require.length +
    request.proxyRequire.length +
    request.path.length +
    (request.authorization[0]?.response.length ?? 0) +
    request.userAgent.length +
    (request.from.tag?.length ?? 0)
  );
}

function readOk(message: SipMessage): number {
  const { contacts } = message;
  return (
    (message.topVia.branch?.length ?? 0) +
    message.cseq.sequence +
    (message.to.tag?.length ?? 0) +
    (contacts.star ? 0 : contacts.contacts.length)
  );
}

const answer = { toTag: '2493k59kd', received: '192.0.2.101', rport: 5060, headers: okRows };
const parsed = asRequest(parseMessage(register, 'datagram'));
const registerText = register.toString('latin1');
const okText = ok.toString('latin1');
const garbage = Buffer.from('\x00\x01\x02 nothing of interest');

const groups: readonly (readonly [title: string, contenders: readonly Contender[]])[] = [
  [
    `REGISTER (${register.length} bytes)`,
    [
      { name: 'parse', run: () => parseMessage(register, 'datagram').body.length },
      { name: 'parse + read', run: () => readRegister(asRequest(parseMessage(register, 'datagram'))) },
      {
        name: 'parse + read + build the 200',
        run: () => {
          const request = asRequest(parseMessage(register, 'datagram'));
          return readRegister(request) + buildResponse(request, 200, 'OK', answer).length;
        },
      },
      ...peers.flatMap(([name, parse]) => [
        { name: `${name}: parse`, run: () => parse(registerText).getHeaders('via').length },
        { name: `${name}: parse + read`, run: () => readPeerMessage(parse(registerText)) },
      ]),
    ],
  ],
  [
    `200 (${ok.length} bytes)`,
    [
      { name: 'parse', run: () => parseMessage(ok, 'datagram').body.length },
      { name: 'parse + read', run: () => readOk(parseMessage(ok, 'datagram')) },
      ...peers.map(([name, parse]) => ({
        name: `${name}: parse`,
        run: () => parse(okText).getHeaders('via').length,
      })),
    ],
  ],
  [
    'parts',
    [
      { name: 'build the 200', run: () => buildResponse(parsed, 200, 'OK', answer).length },
      { name: 'serialise the REGISTER', run: () => serialise(parsed).length },
      { name: 'parseUri', run: () => parseUri('sip:alice@192.0.2.101:5060;transport=udp;ob').kind.length },
      {
        name: 'sameUri, other spelling',
        run: () => Number(sameUri('sip:alice@Example.com;lr', 'sip:%61lice@example.com;LR')),
      },
      { name: 'refuse garbage', run: () => refuse(garbage) },
    ],
  ],
];

function refuse(bytes: Buffer): number {
  try {
    return parseMessage(bytes, 'datagram').body.length;
  } catch {
    return 1;
  }
}

let sink = 0;

/**
 * Microseconds of processor time per run, over about `forMs` milliseconds: all threads of this process, the collector of
 * garbage included, and nothing of other processes.
 */
function measure(contender: Contender, forMs: number): number {
  let runs = 0;
  const endsAt = performance.now() + forMs;
  const before = process.cpuUsage();
  do {
    for (let index = 0; index < 64; index += 1) sink += contender.run();
    runs += 64;
  } while (performance.now() < endsAt);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}; ${rounds} rounds\n`);
for (const [title, contenders] of groups) {
  for (const contender of contenders) measure(contender, warmUpMs);
  const figures = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) figures[index]?.push(measure(contender, roundMs));
  }
  console.log(`| ${title} | median µs | best µs |\n| --- | ---: | ---: |`);
  for (const [index, contender] of contenders.entries()) {
    const all = figures[index] ?? [];
    console.log(`| ${contender.name} | ${median(all).toFixed(2)} | ${Math.min(...all).toFixed(2)} |`);
  }
  console.log('');
}
if (sink < 0) console.log(sink);
