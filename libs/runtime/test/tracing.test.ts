import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OtlpReceiver, startOtlpReceiver } from '@rollcall/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { createLogger } from '../src/logger.ts';
import { Metrics } from '../src/metrics.ts';
import { openTracing } from '../src/open-tracing.ts';

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function receive(options?: Parameters<typeof startOtlpReceiver>[0]): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver(options);
  open.push(receiver);
  return receiver;
}

function trace(traceEndpoint: string, traceRatio: number) {
  const metrics = new Metrics();
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const tracing = openTracing({
    service: 'edge',
    version: '1.2.3',
    config: { traceEndpoint, traceRatio },
    clock: systemClock,
    logger: createLogger({ service: 'edge', level: 'info', format: 'json', destination }),
    metrics,
  });
  const spans = async (outcome: string) => {
    const { body } = await metrics.render();
    return Number(new RegExp(`rollcall_trace_spans_total{outcome="${outcome}"} (\\d+)`).exec(body)?.[1]);
  };
  return { tracing, spans, lines };
}

describe('traces', () => {
  it('are off without an endpoint: there is nothing to ask', () => {
    expect(trace('', 1).tracing).toBeUndefined();
  });

  it('a step goes on where the context says that it is sampled, and only there', async () => {
    const receiver = await receive();
    const { tracing, spans } = trace(receiver.url, 0);
    const ids = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'] as const;
    const step = (context: string) => tracing?.continue(context, 'server', 'step', {});
    expect(step('')).toBeUndefined();
    expect(step(`00-${ids.join('-')}-00`)).toBeUndefined();
    expect(step('00-00000000000000000000000000000000-b7ad6b7169203331-01')).toBeUndefined();
    expect(step('00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01')).toBeUndefined();
    expect(step(`00-${ids.join('-')}-01\r\nx: y`)).toBeUndefined();
    const span = step(`00-${ids.join('-')}-01`);
    expect(span?.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    span?.end('it failed');
    await tracing?.close();
    expect(receiver.spans).toMatchObject([
      {
        traceId: ids[0],
        parentSpanId: ids[1],
        service: 'rollcall-edge',
        name: 'step',
        kind: 2,
        failed: true,
      },
    ]);
    expect(await spans('exported')).toBe(1);
  });

  it.each([
    [0, 0, 0],
    [1, 1000, 1000],
    [0.5, 400, 600],
  ])('of a ratio of %s begin that often', async (ratio, least, most) => {
    const { tracing } = trace((await receive()).url, ratio);
    let begun = 0;
    for (let turn = 0; turn < 1000; turn += 1) if (tracing?.begin('request', {}) !== undefined) begun += 1;
    expect(begun).toBeGreaterThanOrEqual(least);
    expect(begun).toBeLessThanOrEqual(most);
    await tracing?.close();
  });

  it('a collector that refuses costs spans, which are counted, and one line', async () => {
    const { tracing, spans, lines } = trace((await receive({ status: 400 })).url, 1);
    for (let turn = 0; turn < 3000; turn += 1) tracing?.begin('request', {})?.end();
    // One export at a time, one a second where there is little: all are tried, without an end of the process.
    await vi.waitFor(async () => expect(await spans('failed')).toBe(3000), { timeout: 15_000 });
    await tracing?.close();
    expect(lines.filter((line) => line.includes('TRACE_OTLP_ENDPOINT'))).toHaveLength(1);
  });

  it('a collector that never answers is waited for with a bounded number of spans', async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    open.push({ stop: () => silent.close().closeAllConnections() });
    const { tracing, spans } = trace(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, 1);
    for (let turn = 0; turn < 10_000; turn += 1) tracing?.begin('request', {})?.end();
    expect(await spans('dropped')).toBe(10_000 - 4096);
    await tracing?.close();
  });
});
