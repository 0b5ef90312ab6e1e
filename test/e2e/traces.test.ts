import {
  type OtlpReceiver,
  type ReceivedSpan,
  SipAgent,
  startOtlpReceiver,
  startRedis,
  startServices,
  startStandalone,
} from '@rollcall/testkit';
import { expect, it, vi } from 'vitest';

const subscribers = new URL('../../services/standalone/demo-subscribers.yaml', import.meta.url).href;
const alice = { aor: 'sip:alice@example.com', password: 'wonderland', expires: 60 };

/** "service: name" of each step under one, deeper ones further in, in the order in which they began. */
function treeOf(spans: readonly ReceivedSpan[], parentSpanId = '', depth = 0): string[] {
  return spans
    .filter((span) => span.parentSpanId === parentSpanId)
    .sort((a, b) => (a.startNs < b.startNs ? -1 : 1))
    .flatMap((span) => [
      `${'  '.repeat(depth)}${span.service}: ${span.name}`,
      ...treeOf(spans, span.spanId, depth + 1),
    ]);
}

/** The trace of the request that was answered so. */
function traceOf(receiver: OtlpReceiver, status: number): ReceivedSpan[] {
  const root = receiver.spans.find((span) => span.facts['sip.response.status_code'] === status);
  return receiver.spans.filter((span) => span.traceId === root?.traceId);
}

/** Each process exports by itself, once a second: waits until all steps are there. */
async function expectTrace(receiver: OtlpReceiver, status: number, steps: readonly string[]): Promise<void> {
  const check = () => expect(treeOf(traceOf(receiver, status))).toEqual(steps);
  await vi.waitFor(check, { timeout: 15_000, interval: 50 });
}

it('one registration through five services is one trace, from the datagram to Redis', async () => {
  const receiver = await startOtlpReceiver();
  const redis = await startRedis();
  const lines: string[] = [];
  const services = await startServices({
    redisUrl: redis.url,
    env: {
      AUTH_SUBSCRIBERS: subscribers,
      TRACE_OTLP_ENDPOINT: receiver.url,
      TRACE_SAMPLE_RATIO: '1',
    },
    onLine: (_service, line) => lines.push(line),
  });
  try {
    await using phone = new SipAgent({ transport: 'udp', server: services.sip });
    expect((await phone.register({ ...alice, callId: 'traced@phone' })).status).toBe(200);
    await expectTrace(receiver, 200, [
      'rollcall-edge: SIP REGISTER',
      '  rollcall-edge: rollcall.registrar.v1.RegistrarService/RegisterBatches',
      '    rollcall-registrar: rollcall.registrar.v1.RegistrarService/RegisterBatches',
      '      rollcall-registrar: rollcall.auth.v1.AuthService/GetVectorBatches',
      '        rollcall-auth: rollcall.auth.v1.AuthService/GetVectorBatches',
      '      rollcall-registrar: rollcall.location.internal.v1.BindingService/ApplyBatches',
      '        rollcall-location: rollcall.location.internal.v1.BindingService/ApplyBatches',
      '          rollcall-location: redis save',
    ]);
    const whole = traceOf(receiver, 200);
    for (const span of whole) expect(span.endNs).toBeGreaterThanOrEqual(span.startNs);
    const root = whole.find(({ parentSpanId }) => parentSpanId === '');
    expect(root?.facts).toMatchObject({ 'sip.call_id': 'traced@phone', 'network.transport': 'udp' });
    // The challenge before it took no hop, and is a trace of its own.
    const challenges = receiver.spans.filter((span) => span.facts['sip.response.status_code'] === 401);
    expect(challenges.length).toBeGreaterThan(0);
    // Nobody finds out from a trace who registered.
    const told = JSON.stringify(receiver.spans, (_, value) => (typeof value === 'bigint' ? '' : value));
    expect(told).not.toContain('alice');
    // The line of the registration leads to its trace.
    const line = lines.map((each) => JSON.parse(each)).find((each) => each.code === 200);
    expect(line).toMatchObject({ callId: 'traced@phone', traceId: root?.traceId });
  } finally {
    await services.stop();
    await redis.stop();
    await receiver.stop();
  }
});

it('standalone traces the same steps, less the network between them', async () => {
  const receiver = await startOtlpReceiver();
  const product = await startStandalone({
    env: { TRACE_OTLP_ENDPOINT: `${receiver.url}/`, TRACE_SAMPLE_RATIO: '1' },
  });
  try {
    await using phone = new SipAgent({ transport: 'tcp', server: product.sip });
    expect((await phone.register(alice)).status).toBe(200);
    expect((await phone.request({ method: 'INVITE', uri: alice.aor })).status).toBe(302);
    await expectTrace(receiver, 200, [
      'rollcall-standalone: SIP REGISTER',
      '  rollcall-standalone: rollcall.registrar.v1.RegistrarService/Register',
      '    rollcall-standalone: rollcall.auth.v1.AuthService/GetVector',
      '    rollcall-standalone: rollcall.location.internal.v1.BindingService/Apply',
      '      rollcall-standalone: memory save',
    ]);
    // Auth and location are asked side by side.
    await expectTrace(receiver, 302, [
      'rollcall-standalone: SIP INVITE',
      '  rollcall-standalone: rollcall.redirect.v1.RedirectService/Resolve',
      '    rollcall-standalone: rollcall.auth.v1.AuthService/ResolveAddress',
      '    rollcall-standalone: rollcall.location.internal.v1.BindingService/LookUp',
      '      rollcall-standalone: memory get',
    ]);
  } finally {
    await product.stop();
    await receiver.stop();
  }
});
