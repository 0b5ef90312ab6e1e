import {
  ApplyOutcome,
  type ApplyRequest,
  connectLocation,
  connectLocationApi,
  type GrpcServer,
  locationServices,
  serveGrpc,
} from '@rollcall/rpc';
import { createLogger, Metrics, systemClock } from '@rollcall/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register, update } from '../../../libs/bindings/test/make-registration.ts';
import { readLocationConfig } from '../src/config.ts';
import { composeLocation, type Location } from '../src/index.ts';

const context = { timeoutMs: 5000, traceparent: '' };

let location: Location;
let server: GrpcServer;
let internal: ReturnType<typeof connectLocation>;
let api: ReturnType<typeof connectLocationApi>;

beforeAll(async () => {
  location = composeLocation({
    config: readLocationConfig({}),
    clock: systemClock,
    logger: createLogger({ service: 'location', level: 'silent', format: 'json' }),
    metrics: new Metrics(),
  });
  const services = locationServices(location.calls, location.api);
  server = await serveGrpc('127.0.0.1:0', services, { clock: systemClock });
  server.setServing(true);
  internal = connectLocation(`127.0.0.1:${server.port}`, { clock: systemClock });
  api = connectLocationApi(`127.0.0.1:${server.port}`, { clock: systemClock });
  await internal.whenReady(5000);
});

afterAll(async () => {
  internal.close();
  api.close();
  await server.drain(100);
  await location.close();
});

function request(aor: string, ...args: Parameters<typeof register>): ApplyRequest {
  return { aor, refused: false, ...register(...args) };
}

describe('for our own services', () => {
  it('applies and looks up over gRPC, text byte-exact', async () => {
    const aor = 'sip:bytes@example.com';
    const applied = await internal.apply(
      request(aor, [update('sip:\u00c3\u00bc@h', { qMilli: 300 })]),
      context,
    );
    expect(applied).toMatchObject({
      outcome: ApplyOutcome.APPLIED,
      bindings: [{ uri: 'sip:\u00c3\u00bc@h', qMilli: 300, expiresSec: 600, cseq: 1 }],
    });
    expect(applied.created).toBe(1);
    expect(await internal.lookUp({ aor }, context)).toEqual({ bindings: applied.bindings });
    const again = request(aor, [update('sip:\u00c3\u00bc@h'), update('sip:b@h'), update('sip:c@h')], {
      cseq: 2,
    });
    expect((await internal.apply(again, context)).created).toBe(2);
    expect(await internal.lookUp({ aor: 'sip:nobody@example.com' }, context)).toEqual({ bindings: [] });
  });

  it('R10.3-7i: an outcome of the protocol is an answer, not a fault', async () => {
    const aor = 'sip:order@example.com';
    await internal.apply(request(aor, [update('sip:a@h')], { cseq: 5 }), context);
    const late = await internal.apply(request(aor, [update('sip:a@h')], { cseq: 4 }), context);
    expect(late).toEqual({ outcome: ApplyOutcome.OUT_OF_ORDER, bindings: [], created: 0 });
    const many = await internal.apply(
      request(aor, [update('sip:b@h')], { cseq: 6, maxBindings: 1 }),
      context,
    );
    expect(many).toEqual({ outcome: ApplyOutcome.TOO_MANY_BINDINGS, bindings: [], created: 0 });
  });

  it.each(['alice@example.com', 'sip:', 'sip:a\r\nDEL@h', 'sip:\u00fc@h', `sip:${'a'.repeat(1100)}@h`])(
    'CN6: no AOR: %j',
    async (aor) => {
      const refused = { code: 3, reason: 'AOR_INVALID' };
      await expect(internal.lookUp({ aor }, context)).rejects.toMatchObject(refused);
      await expect(internal.apply(request(aor, []), context)).rejects.toMatchObject(refused);
    },
  );
});

describe('for everyone', () => {
  it('GetRegistration makes the AOR canonical', async () => {
    await internal.apply(request('sip:alice@example.com', [update('sip:a@h')]), context);
    const { registration } = await api.getRegistration(
      { aor: 'sips:%61lice@EXAMPLE.com:5061;user=phone' },
      context,
    );
    expect(registration).toMatchObject({
      aor: 'sip:alice@example.com',
      bindings: [{ contact: 'sip:a@h', q: 1, cseq: 1 }],
    });
  });

  it('takes AORs as people write them', async () => {
    await internal.apply(request('sip:zo%C3%AB@example.com', [update('sip:z@h')]), context);
    const { registration } = await api.getRegistration({ aor: 'sip:zoë@example.com' }, context);
    expect(registration).toMatchObject({
      aor: 'sip:zo%C3%AB@example.com',
      bindings: [{ contact: 'sip:z@h' }],
    });
  });

  it('an AOR without bindings has an empty list', async () => {
    const { registration } = await api.getRegistration({ aor: 'sip:nobody@example.com' }, context);
    expect(registration).toEqual({
      aor: 'sip:nobody@example.com',
      bindings: [],
      expireTime: undefined,
      etag: '',
    });
  });

  it.each(['', 'alice', 'tel:+12', 'sip:@', 'mailto:a@b', 'sip:example.com'])(
    'AOR_INVALID: %j',
    async (aor) => {
      await expect(api.getRegistration({ aor }, context)).rejects.toMatchObject({
        code: 3,
        reason: 'AOR_INVALID',
      });
    },
  );

  it('BatchGetRegistrations answers in order, with a status for each AOR', async () => {
    await internal.apply(request('sip:bob@example.com', [update('sip:b@h')]), context);
    const aors = ['sip:bob@example.com', 'nonsense', 'sip:nobody@example.com'];
    const { results } = await api.batchGetRegistrations({ aors }, context);
    expect(results.map(({ aor }) => aor)).toEqual(aors);
    expect(results.map(({ result }) => result?.$case)).toEqual(['registration', 'error', 'registration']);
    const [, bad] = results;
    if (bad?.result?.$case !== 'error') throw new Error('no error');
    expect(bad.result.value.code).toBe(3);
    expect(bad.result.value.details[0]?.typeUrl).toBe('type.googleapis.com/google.rpc.ErrorInfo');
    expect(Buffer.from(bad.result.value.details[0]?.value ?? []).toString('latin1')).toContain('AOR_INVALID');
  });

  it('BatchGetRegistrations takes 1 to 1,000 AORs', async () => {
    const aors = Array.from({ length: 1000 }, (_, index) => `sip:u${index}@example.com`);
    expect((await api.batchGetRegistrations({ aors }, context)).results).toHaveLength(1000);
    const tooMany = api.batchGetRegistrations({ aors: [...aors, 'sip:more@h'] }, context);
    await expect(tooMany).rejects.toMatchObject({ code: 3, reason: 'TOO_MANY_AORS' });
    const none = api.batchGetRegistrations({ aors: [] }, context);
    await expect(none).rejects.toMatchObject({ code: 3, reason: 'AORS_MISSING' });
  });
});
