import { describe, expect, it } from 'vitest';
import { followGrpc } from './grpc-metrics.ts';
import { createLogger } from './logger.ts';
import { Metrics } from './metrics.ts';

const method = { service: 'rollcall.auth.v1.AuthService', name: 'GetVectorBatches', type: 'bidi_stream' };
const labels =
  'grpc_type="bidi_stream",grpc_service="rollcall.auth.v1.AuthService",grpc_method="GetVectorBatches"';

function follow() {
  const metrics = new Metrics();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'auth', level: 'info', format: 'json', destination });
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, after: () => ({ cancel: () => undefined }) };
  return { metrics, lines, pass: (ms: number) => (nowMs += ms), ...followGrpc(metrics, logger, clock) };
}

describe('followGrpc', () => {
  it('counts calls under the usual names', async () => {
    const { metrics, client, server } = follow();
    client.onStarted(method);
    client.onHandled(method, 14, 3);
    client.onRetry(method);
    client.onBatch(method, 5);
    client.onSent(method);
    client.onReceived(method);
    client.onReceived(method);
    server.onStarted(method);
    server.onHandled(method, 0, 30);
    server.onSent(method);
    const { body } = await metrics.render();
    expect(body).toContain(`grpc_client_started_total{${labels}} 1`);
    expect(body).toContain(`grpc_client_handled_total{${labels},grpc_code="Unavailable"} 1`);
    expect(body).toContain(`grpc_client_handled_total{${labels},grpc_code="Internal"} 0`);
    expect(body).toContain(`grpc_client_handling_seconds_sum{${labels}} 0.003`);
    expect(body).toContain(`grpc_server_handled_total{${labels},grpc_code="OK"} 1`);
    expect(body).toMatch(/rollcall_grpc_client_retries_total\{.*\} 1/);
    expect(body).toMatch(/rollcall_grpc_client_batch_items_sum\{.*\} 5/);
    expect(body).toContain(`grpc_client_msg_sent_total{${labels}} 1`);
    expect(body).toContain(`grpc_client_msg_received_total{${labels}} 2`);
    expect(body).toContain(`grpc_server_msg_sent_total{${labels}} 1`);
    expect(body).toContain(`grpc_server_msg_received_total{${labels}} 0`);
  });

  it('shows the channels of the connections it was given, as they are at a scrape', async () => {
    const { metrics, showSubchannels } = follow();
    expect((await metrics.render()).body).not.toContain('rollcall_grpc_subchannels{');
    const auth = { ready: 1, connecting: 0, transient_failure: 0, idle: 0 };
    showSubchannels({ auth: { subchannels: () => auth } });
    auth.ready = 2;
    auth.transient_failure = 1;
    const { body } = await metrics.render();
    expect(body).toContain('rollcall_grpc_subchannels{service="auth",state="ready"} 2');
    expect(body).toContain('rollcall_grpc_subchannels{service="auth",state="transient_failure"} 1');
    expect(body).not.toContain('service="location"');
  });

  it('takes a code that is none as other', async () => {
    const { metrics, server } = follow();
    server.onHandled(method, 99, 1);
    expect((await metrics.render()).body).toContain(
      `grpc_server_handled_total{${labels},grpc_code="other"} 1`,
    );
  });

  it('says what a handler threw, a few times a second, and how often it did not say so', () => {
    const { server, lines, pass } = follow();
    for (let each = 0; each < 20; each += 1) server.onError(method, new Error('boom'));
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain('boom');
    pass(1000);
    server.onError(method, new Error('boom'));
    expect(JSON.parse(lines[5] ?? '')).toMatchObject({
      level: 'error',
      method: 'GetVectorBatches',
      unsaid: 15,
    });
  });
});
