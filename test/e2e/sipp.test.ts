import type { PublicBinding } from '@rollcall/rpc';
import { findTool } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectToLocation, type LocationClient } from './src/location-api.ts';
import { formatSubscribers, makePhones, type Phone } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { runSipp, type SippResult } from './src/sipp.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const installTimeoutMs = 400_000;
const phonesOf = { udp: makePhones('udp', 1000), tcp: makePhones('tcp', 1000) };
/** Below lock-out's count of failures from one source. */
const intruders = makePhones('udp', 50).map((phone) => ({ ...phone, password: 'guessed' }));

// Where it has to be installed first, that takes its time.
beforeAll(async () => {
  await findTool('sipp');
}, installTimeoutMs);

describe.each(targets)('SIPp and $name', ({ start }) => {
  let folder: ScratchFolder;
  let target: RunningTarget;
  let location: LocationClient;

  beforeAll(async () => {
    folder = await makeScratchFolder();
    const phones = [...phonesOf.udp, ...phonesOf.tcp];
    const subscribers = await folder.write('subscribers.yaml', formatSubscribers(phones));
    // SIPp 3.6 knows no digest algorithm but MD5.
    target = await start({ AUTH_SUBSCRIBERS: `file:${subscribers}`, AUTH_ALGORITHMS: 'MD5' });
    location = await connectToLocation(target.locationApi);
  });

  afterAll(async () => {
    location?.close();
    await target?.stop();
    await folder?.remove();
  });

  const bindingsOf = (phones: readonly Phone[]) => location.allBindings(phones.map(({ aor }) => aor));

  // The tests of a transport follow the life of its phones: each begins where the one before ends.
  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
    const phones = phonesOf[transport];

    it('registers 1,000 users without one failure, and location has every binding', async () => {
      const result = await runSipp({
        scenario: 'register',
        server: target.sip,
        transport,
        phones,
        callsPerSec: 250,
      });
      expectNoFailure(result, phones.length);
      expectOneBindingEach(await bindingsOf(phones), phones, { cseq: 2, transport });
    });

    it('refreshes them: still one binding each, from the later request', async () => {
      const result = await runSipp({
        scenario: 'register',
        server: target.sip,
        transport,
        phones,
        callsPerSec: 300,
        expiresSec: 900,
        firstCseq: 11,
      });
      expectNoFailure(result, phones.length);
      const bindings = await bindingsOf(phones);
      expectOneBindingEach(bindings, phones, { cseq: 12, transport });
      const shortest = Math.min(...bindings.map(([binding]) => binding?.remaining?.seconds ?? 0));
      // 900 s less the jitter of 10 percent: more than the first registration could have given.
      expect(shortest).toBeGreaterThan(700);
    });

    it('sends callers to the contact of each', async () => {
      const callees = phones.slice(0, 200);
      const result = await runSipp({
        scenario: 'redirect',
        server: target.sip,
        transport,
        phones: callees,
        callsPerSec: 200,
      });
      expectNoFailure(result, callees.length);
    });

    it('RE1: lets each watch its own registration, and end that', async () => {
      const watchers = phones.slice(0, 100);
      const result = await runSipp({
        scenario: 'watch',
        server: target.sip,
        transport,
        phones: watchers,
        callsPerSec: 50,
        firstCseq: 51,
      });
      expectNoFailure(result, watchers.length);
    });

    it('refuses a wrong password and leaves the bindings alone', async () => {
      const before = await bindingsOf(phonesOf.udp.slice(0, intruders.length));
      const result = await runSipp({
        scenario: 'wrong-password',
        server: target.sip,
        transport,
        phones: intruders,
        callsPerSec: 100,
        firstCseq: 101,
      });
      expectNoFailure(result, intruders.length);
      const after = await bindingsOf(phonesOf.udp.slice(0, intruders.length));
      expect(after.map(contactsOf)).toEqual(before.map(contactsOf));
    });

    it('removes them, and location has none any more', async () => {
      const result = await runSipp({
        scenario: 'remove',
        server: target.sip,
        transport,
        phones,
        callsPerSec: 300,
        firstCseq: 21,
      });
      expectNoFailure(result, phones.length);
      expect((await bindingsOf(phones)).flat()).toEqual([]);
    });
  });

  it('serves phones with a TCP connection each', async () => {
    const common = { server: target.sip, transport: 'tcp', ownConnections: true } as const;
    // Few and slowly: SIPp waits in close() until the other side has acknowledged, and does nothing else meanwhile.
    const few = { phones: phonesOf.tcp.slice(0, 40), callsPerSec: 20 };
    expectNoFailure(await runSipp({ ...common, ...few, scenario: 'register', firstCseq: 31 }), 40);
    expectOneBindingEach(await bindingsOf(few.phones), few.phones, { cseq: 32, transport: 'tcp' });
    expectNoFailure(await runSipp({ ...common, ...few, scenario: 'remove', firstCseq: 41 }), 40);
    expect((await bindingsOf(few.phones)).flat()).toEqual([]);
  });
});

function expectNoFailure(result: SippResult, calls: number): void {
  const { exitCode, successful, failed, errors } = result;
  expect({ exitCode, successful, failed }, errors).toEqual({ exitCode: 0, successful: calls, failed: 0 });
}

function expectOneBindingEach(
  all: readonly (readonly PublicBinding[])[],
  phones: readonly Phone[],
  wanted: { readonly cseq: number; readonly transport: string },
): void {
  const seen = all.map((bindings) =>
    bindings.map(({ contact, cseq, flow }) => ({ contact, cseq, transport: flow?.transport })),
  );
  expect(seen).toEqual(phones.map(({ contact }) => [{ contact, ...wanted }]));
}

function contactsOf(bindings: readonly PublicBinding[]): unknown[] {
  return bindings.map(({ contact, cseq, callId }) => ({ contact, cseq, callId }));
}
