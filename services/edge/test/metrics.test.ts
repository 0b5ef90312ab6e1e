import { connect } from 'node:net';
import { GrpcCode, ServiceFault } from '@rollcall/rpc';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mostTransactions } from '../src/edge.ts';
import { credentials, Rig, refused, register, registered } from './edge-rig.ts';
import { answer, nextRequest } from './phone-messages.ts';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.start();
});
afterEach(() => rig.stop());

/** The value of a series, named as it is scraped. */
async function readSeries(series: string): Promise<number | undefined> {
  const { body } = await rig.metrics.render();
  const line = body.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

it('counts a registration by transport: request, response, duration, bytes and packets', async () => {
  rig.register = async () => registered(['sip:a@192.0.2.1']);
  await rig.agent('tcp').request({ ...register, headers: [credentials] });
  expect(await readSeries('rollcall_sip_requests_received_total{method="REGISTER",transport="tcp"}')).toBe(1);
  const sent = 'rollcall_sip_responses_sent_total{method="REGISTER",code="200",transport="tcp"}';
  expect(await readSeries(sent)).toBe(1);
  const seconds = 'rollcall_sip_request_duration_seconds_count{method="REGISTER",code_class="2xx"}';
  expect(await readSeries(seconds)).toBe(1);
  expect(await readSeries('rollcall_network_received_bytes_total{transport="tcp"}')).toBeGreaterThan(300);
  expect(await readSeries('rollcall_network_sent_packets_total{transport="tcp"}')).toBe(1);
  expect(await readSeries('rollcall_network_sent_packets_total{transport="udp"}')).toBe(0);
});

it('counts connections opened, open, and closed by reason', async () => {
  const agent = rig.agent('tcp');
  await agent.request({ method: 'OPTIONS', uri: 'sip:example.com' });
  expect(await readSeries('rollcall_connections_active{transport="tcp"}')).toBe(1);
  await agent.close();
  await expect
    .poll(() => readSeries('rollcall_connections_closed_total{transport="tcp",reason="peer_closed"}'))
    .toBe(1);
  expect(await readSeries('rollcall_connections_opened_total{transport="tcp"}')).toBe(1);
  expect(await readSeries('rollcall_connections_active{transport="tcp"}')).toBe(0);
  expect(await readSeries('rollcall_connections_limit{transport="tcp"}')).toBeGreaterThan(1000);
});

it('counts keep-alives, garbage and messages that cannot be parsed apart', async () => {
  const udp = rig.agent();
  await udp.sendText('\r\n\r\n');
  await udp.sendText('\x16\x03\x01garbage of another protocol');
  await udp.sendText('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n');
  await udp.sendText(`\x00\x01\x00\x00\x21\x12\xa4\x42${'t'.repeat(12)}`);
  await udp.request({ method: 'OPTIONS', uri: 'sip:example.com' });
  expect(await readSeries('rollcall_keepalives_received_total{transport="udp",kind="crlf"}')).toBe(1);
  expect(await readSeries('rollcall_transport_dropped_total{transport="udp",reason="garbage"}')).toBe(1);
  expect(await readSeries('rollcall_keepalives_received_total{transport="udp",kind="stun"}')).toBe(1);
  const tcp = rig.agent('tcp');
  const options = await tcp.format({ method: 'OPTIONS', uri: 'sip:example.com' });
  await tcp.sendText(options.replace(/Content-Length: \d+/, 'Content-Length: many'));
  expect((await tcp.nextMessage()).kind).toBe('response');
  const unparsable = (transport: string, reason: string) =>
    readSeries(`rollcall_sip_parse_errors_total{transport="${transport}",reason="${reason}"}`);
  expect(await unparsable('udp', 'start_line')).toBe(1);
  expect(await unparsable('tcp', 'framing')).toBe(1);
  expect(await unparsable('tcp', 'start_line')).toBe(0);
});

it('counts retransmissions in both directions, and transactions by kind', async () => {
  const agent = rig.agent();
  rig.resolve = async () => refused(404);
  await agent.sendText(await agent.format({ method: 'INVITE', uri: 'sip:alice@example.com' }));
  await agent.nextMessage();
  expect(await readSeries('rollcall_sip_transactions{side="server",kind="invite"}')).toBe(1);
  const text = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
  await agent.sendText(text);
  await agent.nextMessage();
  await agent.sendText(text);
  await agent.nextMessage();
  const received = 'rollcall_sip_retransmissions_received_total{method="OPTIONS",transport="udp"}';
  expect(await readSeries(received)).toBe(1);
  expect(await readSeries('rollcall_sip_retransmissions_sent_total')).toBeGreaterThanOrEqual(1);
  expect(await readSeries('rollcall_sip_answers_kept')).toBe(1);
});

it.each([
  [GrpcCode.UNAVAILABLE, 'backend_unavailable'],
  [GrpcCode.RESOURCE_EXHAUSTED, 'backend_overload'],
  [GrpcCode.DEADLINE_EXCEEDED, 'backend_deadline'],
])('counts what is answered 503 by reason (gRPC %i: %s)', async (code, reason) => {
  rig.register = () => Promise.reject(new ServiceFault(code, 'X', 'x'));
  const response = await rig.agent().request({ ...register, headers: [credentials] });
  expect(response.status).toBe(503);
  expect(await readSeries(`rollcall_sip_requests_shed_total{method="REGISTER",reason="${reason}"}`)).toBe(1);
});

it('shows what is admitted and under way against its limit', async () => {
  const resolving = Promise.withResolvers<ReturnType<typeof refused>>();
  rig.resolve = () => resolving.promise;
  const answered = rig.agent().request({ method: 'MESSAGE', uri: 'sip:alice@example.com' });
  await rig.resolving;
  expect(await readSeries('rollcall_sip_admission_inflight')).toBe(1);
  expect(await readSeries('rollcall_sip_admission_limit')).toBe(mostTransactions);
  resolving.resolve(refused(404));
  expect((await answered).status).toBe(404);
  expect(await readSeries('rollcall_sip_admission_inflight')).toBe(0);
});

it('counts what it forwards: flows, requests under way, responses by code', async () => {
  const phone = rig.agent('tcp');
  const contact = await phone.contactFor('alice');
  const headers = [credentials, `Contact: ${contact}`, 'Supported: path'];
  expect(await readSeries('rollcall_flows{transport="tcp"}')).toBe(0);
  for (const _ of ['first', 'refresh']) await phone.request({ ...register, headers });
  expect(await readSeries('rollcall_flows{transport="tcp"}')).toBe(1);

  const route = `Route: ${rig.registers[0]?.edgePath}`;
  const invited = rig.agent('udp').request({ method: 'INVITE', uri: contact.slice(1, -1), headers: [route] });
  const invite = await nextRequest(phone);
  expect(await readSeries('rollcall_sip_transactions{side="client",kind="invite"}')).toBe(1);
  expect(await readSeries('rollcall_sip_transactions{side="client",kind="non_invite"}')).toBe(0);
  await answer(phone, invite, 180);
  await answer(phone, invite, 486);
  expect((await invited).status).toBe(486);
  expect(await readSeries('rollcall_sip_responses_received_total{code="180"}')).toBe(1);
  expect(await readSeries('rollcall_sip_responses_received_total{code="486"}')).toBe(1);
  expect(await readSeries('rollcall_sip_responses_received_total{code="503"}')).toBe(0);
  await expect.poll(() => readSeries('rollcall_sip_transactions{side="client",kind="invite"}')).toBe(0);

  await phone.close();
  await expect.poll(() => readSeries('rollcall_flows{transport="tcp"}'), { timeout: 20_000 }).toBe(0);
});

it('shows what a phone does not take, and counts where that was too much', async () => {
  const text = await rig.agent('tcp').format({ method: 'OPTIONS', uri: 'sip:example.com' });
  const phone = connect(rig.ports.tcp, '127.0.0.1');
  phone.on('error', () => undefined).pause();
  const queue = 'rollcall_stream_send_queue_bytes{transport="tcp"}';
  const closes = 'rollcall_stream_backpressure_closes_total{transport="tcp"}';
  const received = 'rollcall_sip_requests_received_total{method="OPTIONS",transport="tcp"}';
  try {
    expect([await readSeries(queue), await readSeries(closes)]).toEqual([0, 0]);
    let branch = 0;
    let longest = 0;
    while ((await readSeries(closes)) === 0) {
      const requests = Array.from({ length: 500 }, () => {
        branch += 1;
        return text.replace(/branch=[^;\r]*/, `branch=z9hG4bKslow${branch}`);
      });
      phone.write(requests.join(''));
      await expect
        .poll(async () => (await readSeries(received)) === branch || (await readSeries(closes)) === 1)
        .toBe(true);
      longest = Math.max(longest, (await readSeries(queue)) ?? 0);
    }
    expect(longest).toBeGreaterThan(0);
    expect(await readSeries(closes)).toBe(1);
    expect(await readSeries(queue)).toBe(0);
  } finally {
    phone.destroy();
  }
});

it('methods that somebody invents make no series', async () => {
  const agent = rig.agent();
  await agent.request({ method: 'AAA', uri: 'sip:alice@example.com' });
  const before = (await rig.metrics.render()).body.split('\n').length;
  for (const method of ['BBB', 'CCC', 'DDD']) await agent.request({ method, uri: 'sip:alice@example.com' });
  expect((await rig.metrics.render()).body.split('\n').length).toBe(before);
});
