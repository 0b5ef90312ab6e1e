import type { Registered } from '@rollcall/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentials, Rig, register, registered } from './edge-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.start();
});
afterEach(() => rig.stop());

/** A 200 for two contacts, with what the registrar wants told beside them. */
function answerWith(change: Partial<Registered>): void {
  const response = registered(['sip:a@192.0.2.1', 'sip:b@192.0.2.2']);
  if (response.outcome?.$case !== 'registered') throw new Error('not registered');
  const value = { ...response.outcome.value, ...change };
  rig.register = async () => ({ outcome: { $case: 'registered', value } });
}

const send = (headers: string[] = []) =>
  rig.agent().request({ ...register, headers: [credentials, ...headers] });

describe('a 200', () => {
  it('SR1, IM1, FC1: tells routes, associated URIs and feature capabilities', async () => {
    answerWith({
      serviceRoute: ['<sip:a;lr>', '<sip:b;lr>'],
      associatedUris: ['<sip:alice@example.com>', '<tel:+15551234>'],
      featureCaps: ['*;+sip.pns="apns"', '*;+sip.pns="fcm"'],
    });
    const response = await send();
    expect(response.rows('service-route')).toEqual(['<sip:a;lr>', '<sip:b;lr>']);
    expect(response.values('p-associated-uri')).toEqual(['<sip:alice@example.com>', '<tel:+15551234>']);
    expect(response.rows('feature-caps')).toEqual(['*;+sip.pns="apns"', '*;+sip.pns="fcm"']);
  });

  it('SR1, IM1, FC1: has none of these headers where there is nothing to tell', async () => {
    answerWith({});
    const response = await send();
    for (const name of ['service-route', 'p-associated-uri', 'feature-caps'])
      expect(response.rows(name), name).toEqual([]);
  });

  it('G1: tells each contact its own GRUUs, as quoted strings', async () => {
    answerWith({
      gruus: [
        { publicGruu: 'sip:a@h;gr=urn:x:1', temporaryGruu: 'sip:tgruu.x@h;gr' },
        { publicGruu: '', temporaryGruu: '' },
      ],
    });
    const [first, second] = (await send()).rows('contact');
    expect(first).toContain(';reg-id=1;pub-gruu="sip:a@h;gr=urn:x:1";temp-gruu="sip:tgruu.x@h;gr";audio');
    expect(second).not.toContain('gruu');
  });
});

describe('a request', () => {
  it('R10.3-5g, FC1: says whether its AOR is sips, and what proxies before us can', async () => {
    await send(['Feature-Caps: *;+sip.pns="apns", *;+g.x']);
    await rig.agent().request({ ...register, to: 'sips:alice@example.com', headers: [credentials] });
    expect(rig.registers).toMatchObject([
      { secureAor: false, featureCaps: ['*;+sip.pns="apns"', '*;+g.x'] },
      { secureAor: true, featureCaps: [], aor: 'sip:alice@example.com' },
    ]);
  });

  it('GN4: may say gin in Proxy-Require as a trunk must', async () => {
    expect((await send(['Require: gin', 'Proxy-Require: gin'])).status).toBe(200);
    expect(rig.registers[0]?.require).toEqual(['gin']);
  });
});
