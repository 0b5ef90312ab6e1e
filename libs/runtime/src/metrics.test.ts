import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.ts';

async function linesOf(metrics: Metrics): Promise<string[]> {
  const { body } = await metrics.render();
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('counter', () => {
  it('has all its series at 0 before anything happened', async () => {
    const metrics = new Metrics();
    metrics.counter({
      name: 'rollcall_x_total',
      help: 'X.',
      labels: { outcome: ['ok', 'error'], transport: ['udp', 'tcp'] },
    });
    expect(await linesOf(metrics)).toEqual([
      'rollcall_x_total{outcome="ok",transport="udp"} 0',
      'rollcall_x_total{outcome="ok",transport="tcp"} 0',
      'rollcall_x_total{outcome="error",transport="udp"} 0',
      'rollcall_x_total{outcome="error",transport="tcp"} 0',
    ]);
  });

  it('gives the same series for the same labels', async () => {
    const metrics = new Metrics();
    const counter = metrics.counter({
      name: 'rollcall_x_total',
      help: 'X.',
      labels: { outcome: ['ok', 'error'] },
    });
    counter.with({ outcome: 'ok' }).inc();
    counter.with({ outcome: 'ok' }).inc(2);
    expect(await linesOf(metrics)).toContain('rollcall_x_total{outcome="ok"} 3');
  });

  it("counts a value outside a set with 'other' as other", async () => {
    const metrics = new Metrics();
    const counter = metrics.counter({
      name: 'rollcall_x_total',
      help: 'X.',
      labels: { method: ['INVITE', 'other'] },
    });
    counter.with({ method: 'EVIL' as 'other' }).inc();
    expect(await linesOf(metrics)).toEqual([
      'rollcall_x_total{method="INVITE"} 0',
      'rollcall_x_total{method="other"} 1',
    ]);
  });

  it('refuses a value outside a closed set', () => {
    const counter = new Metrics().counter({
      name: 'rollcall_x_total',
      help: 'X.',
      labels: { outcome: ['ok'] },
    });
    expect(() => counter.with({ outcome: 'bad' as 'ok' })).toThrow(RangeError);
  });

  it('has no series before its time where they are not wanted', async () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'rollcall_x_total', help: 'X.', labels: { method: null }, preCreate: false });
    expect(await linesOf(metrics)).toEqual([]);
  });

  it('takes over at a scrape what is counted elsewhere, and never falls', async () => {
    const metrics = new Metrics();
    let elsewhere = 7;
    metrics.counter({
      name: 'rollcall_x_total',
      help: 'X.',
      collect: async (counter) => counter.with({}).raiseTo(elsewhere),
    });
    expect(await linesOf(metrics)).toEqual(['rollcall_x_total 7']);
    elsewhere = 3;
    expect(await linesOf(metrics)).toEqual(['rollcall_x_total 7']);
  });

  it('cannot be declared twice', () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'rollcall_x_total', help: 'X.' });
    expect(() => metrics.counter({ name: 'rollcall_x_total', help: 'X.' })).toThrow(/already/);
  });
});

describe('gauge', () => {
  it('is set, raised, lowered, and read at the scrape', async () => {
    const metrics = new Metrics();
    const gauge = metrics.gauge({ name: 'rollcall_a', help: 'A.' }).with({});
    gauge.set(5);
    gauge.inc();
    gauge.dec(3);
    metrics.gauge({ name: 'rollcall_b', help: 'B.', collect: (each) => each.with({}).set(gauge.value * 2) });
    expect(await linesOf(metrics)).toEqual(['rollcall_a 3', 'rollcall_b 6']);
  });
});

describe('histogram', () => {
  it('cumulates; a bound belongs to its bucket', async () => {
    const metrics = new Metrics();
    const histogram = metrics.histogram({ name: 'rollcall_s', help: 'S.', buckets: [0.5, 1] }).with({});
    for (const value of [0.1, 0.5, 0.75, 3]) histogram.observe(value);
    expect(await linesOf(metrics)).toEqual([
      'rollcall_s_bucket{le="0.5"} 2',
      'rollcall_s_bucket{le="1"} 3',
      'rollcall_s_bucket{le="+Inf"} 4',
      'rollcall_s_sum 4.35',
      'rollcall_s_count 4',
    ]);
  });

  it('is not reset by a scrape', async () => {
    const metrics = new Metrics();
    metrics
      .histogram({ name: 'rollcall_s', help: 'S.', buckets: [1] })
      .with({})
      .observe(0.5);
    expect(await linesOf(metrics)).toEqual(await linesOf(metrics));
  });
});

describe('the description', () => {
  it('says name, type, help and closed label sets', () => {
    const metrics = new Metrics();
    metrics.gauge({
      name: 'rollcall_g',
      help: 'G.',
      labels: { kind: ['a', 'b'], route: null },
      preCreate: false,
    });
    expect(metrics.describe()).toEqual([
      { name: 'rollcall_g', type: 'gauge', help: 'G.', labels: { kind: ['a', 'b'], route: null } },
    ]);
  });

  it('leaves nothing out that is scraped', async () => {
    const metrics = new Metrics();
    metrics.collectProcess();
    const { body } = await metrics.render();
    metrics.close();
    const scraped = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(metrics.describe().map(({ name, type }) => `${name} ${type}`)).toEqual(scraped);
  });
});

describe('process metrics', () => {
  it('leave out the gauges whose names promtool refuses', async () => {
    const metrics = new Metrics();
    metrics.collectProcess();
    const { body } = await metrics.render();
    metrics.close();
    const gauges = body.split('\n').filter((line) => /^# TYPE \S+ gauge$/.test(line));
    expect(gauges.filter((line) => line.includes('_total '))).toEqual([]);
    expect(body).toContain('process_cpu_seconds_total');
    expect(body).toContain('rollcall_event_loop_delay_seconds_bucket{le="0.001"}');
  });
});
