/**
 * `npm run bench -w services/edge`: what traces and copies of messages cost an edge. Four edges in one process take turns
 * with the same REGISTER requests over UDP, from a client in this process too; the registrar answers at once. The
 * figures are processor time for one request and its 200, client included: only their differences say something.
 */
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openChassis, quietProcess, readConfig } from '@rollcall/runtime';
import { edgePolicyVariables } from '../src/config.ts';
import { composeEdge, type RunningEdge } from '../src/index.ts';
import { registered } from '../test/edge-rig.ts';

const rounds = 11;
const requestsPerRound = 2000;
const sideBySide = 64;

const collector = createServer((request, response) => {
  request.resume().once('end', () => response.end());
});
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
const capture = createSocket('udp4');
await new Promise<void>((resolve) => capture.bind(0, '127.0.0.1', resolve));
const collectorUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;

const contenders = [
  { name: 'off', ratio: undefined, copies: false },
  { name: 'traces on, none sampled', ratio: 0, copies: false },
  { name: 'traces on, 1 % sampled', ratio: 0.01, copies: false },
  { name: 'traces on, all sampled', ratio: 1, copies: false },
  { name: 'copies on', ratio: undefined, copies: true },
];
const edges = await Promise.all(
  contenders.map(async (contender) => ({
    ...contender,
    edge: await start(contender),
    figures: [] as number[],
  })),
);
const client = createSocket('udp4');
await new Promise<void>((resolve) => client.bind(0, '127.0.0.1', resolve));
client.setRecvBufferSize(4 * 1024 * 1024);
let next = 0;
for (let round = -2; round < rounds; round += 1) {
  process.stderr.write(round < 0 ? 'warming up …\n' : `round ${round + 1} of ${rounds} …\n`);
  for (const { edge, figures } of edges) {
    const before = process.cpuUsage();
    await register(client, edge, requestsPerRound);
    const { user, system } = process.cpuUsage(before);
    // The first rounds warm up.
    if (round >= 0) figures.push((user + system) / requestsPerRound);
  }
}
const off = median(edges[0]?.figures ?? []);
for (const { name, figures } of edges) {
  const cost = median(figures);
  const least = Math.min(...figures);
  console.log(
    `${name.padEnd(26)} ${cost.toFixed(1)} µs (best ${least.toFixed(1)}), ${(cost / off).toFixed(2)} of off`,
  );
}
process.exit(0);

async function start({
  ratio,
  copies,
}: {
  ratio: number | undefined;
  copies: boolean;
}): Promise<RunningEdge> {
  const { clock, logger, metrics, tracing } = openChassis(
    'edge',
    { ...quietProcess, traceEndpoint: ratio === undefined ? '' : collectorUrl, traceRatio: ratio ?? 0 },
    [],
  );
  const unused = () => Promise.reject(new Error('not asked here'));
  return composeEdge({
    config: readConfig(edgePolicyVariables, {
      EDGE_UDP_LISTEN: '127.0.0.1:0',
      EDGE_TCP_LISTEN: '',
      EDGE_FLOW_SECRETS: 'secret-of-flow-tokens',
      ...(copies ? { EDGE_HEP_TARGET: `127.0.0.1:${capture.address().port}` } : undefined),
    }),
    clock,
    logger,
    metrics,
    tracing,
    registrar: {
      register: async () => registered([]),
      leaseChallenges: unused,
      subscribe: unused,
      endFlows: unused,
      watchRegistration: () => {
        throw new Error('not asked here');
      },
    },
    redirect: { resolve: unused },
  });
}

/** Sends so many requests, a bounded number at once, and waits for all answers. */
function register(from: Socket, edge: RunningEdge, count: number): Promise<void> {
  const port = edge.listeners[0]?.address.port ?? 0;
  return new Promise((resolve) => {
    let sent = 0;
    let answered = 0;
    const send = () => {
      sent += 1;
      next += 1;
      from.send(request(next, from.address().port), port, '127.0.0.1');
    };
    from.removeAllListeners('message');
    from.on('message', () => {
      answered += 1;
      if (sent < count) send();
      else if (answered === count) resolve();
    });
    while (sent < sideBySide) send();
  });
}

function request(number: number, port: number): string {
  return [
    'REGISTER sip:example.com SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${number};rport`,
    'Max-Forwards: 70',
    `From: <sip:u${number}@example.com>;tag=${number}`,
    `To: <sip:u${number}@example.com>`,
    `Call-ID: ${number}@bench`,
    'CSeq: 2 REGISTER',
    `Contact: <sip:u${number}@127.0.0.1:${port}>;expires=3600`,
    `Authorization: Digest username="u${number}", realm="example.com", nonce="bm9uY2Utb2YtYS1iZW5jaA", uri="sip:example.com", response="0123456789abcdef0123456789abcdef", algorithm=MD5, cnonce="0a4f113b", qop=auth, nc=00000001`,
    'User-Agent: bench',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? Number.NaN;
}
