import { setTimeout as wait } from 'node:timers/promises';
import { connectLocation, connectLocationApi, type LocationCalls, ServiceFault } from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import { domain, userOf } from './fleet.ts';
import { accountFor } from './measure.ts';
import type { RunningTarget } from './targets/target.ts';

/** What a gRPC look-up cost. */
export interface LookUpCost {
  /** Processor time of all server processes for one AOR, in microseconds. */
  readonly cpuUs: number;
  readonly perSec: number;
}

const timeoutMs = 10_000;
const context = { timeoutMs, traceparent: '' };
/** Calls under way at once. */
const sideBySide = 64;
const batch = 100;
const mostAttempts = 30;
/** AORs that are refreshed beside what is measured. */
const otherAors = 10_000;

/** The AOR of a phone. */
function aorOf(index: number): string {
  return `sip:${userOf(index)}@${domain}`;
}

/** Get, one AOR a call, or BatchGet, a hundred a call, over AORs spread evenly through the first `aors`. */
export async function measureLookUps(
  target: RunningTarget,
  how: 'Get' | 'BatchGet',
  aors: number,
  count: number,
): Promise<LookUpCost> {
  const calls = connectLocationApi(`dns:///${target.locationApi}`, { clock: systemClock });
  await calls.whenReady(timeoutMs);
  // A step that shares no factor with most sizes visits them all, far from each other.
  const nextOf = (turn: number) => aorOf((turn * 7919) % aors);
  let turn = 0;
  const one = async () => {
    if (how === 'Get') {
      const { registration } = await calls.getRegistration({ aor: nextOf(turn++) }, context);
      if (registration === undefined || registration.bindings.length === 0) throw new Error('not registered');
      return;
    }
    const asked = Array.from({ length: batch }, () => nextOf(turn++));
    const { results } = await calls.batchGetRegistrations({ aors: asked }, context);
    if (results.length !== batch) throw new Error(`asked for ${batch}, got ${results.length}`);
  };
  const startedAtMs = performance.now();
  const { cpuUs } = await accountFor(target, async () => {
    await runSideBySide(() => turn < count, one);
    return turn;
  });
  const elapsedMs = performance.now() - startedAtMs;
  calls.close();
  return { cpuUs, perSec: (turn / elapsedMs) * 1000 };
}

/**
 * Puts bindings straight into the table, by the way that registrars use: AORs of the fleet from one index to another.
 *
 * @param expiresSec the lifetime of one that is made now
 */
export async function fillTable(
  target: Pick<RunningTarget, 'locationApi'>,
  from: number,
  to: number,
  expiresSec: () => number = () => 7200,
): Promise<void> {
  const calls = connectLocation(`dns:///${target.locationApi}`, { clock: systemClock });
  await calls.whenReady(timeoutMs);
  let next = from;
  await runSideBySide(
    () => next < to,
    async () => {
      const index = next++;
      await applyPatiently(calls, () => makeApply(index, domain, 2, expiresSec()));
    },
    512,
  );
  calls.close();
}

/** Refreshes AORs of another domain, so many at once, until stopped; that gives the milliseconds each took, with when it began. */
export function startRefreshes(locationApi: string, inFlight: number) {
  const calls = connectLocation(`dns:///${locationApi}`, { clock: systemClock });
  const took: { readonly atMs: number; readonly ms: number }[] = [];
  let goesOn = inFlight > 0;
  let turn = 0;
  const running = runSideBySide(
    () => goesOn,
    async () => {
      const mine = turn++;
      const startedAtMs = performance.now();
      const cseq = 2 + Math.floor(mine / otherAors);
      await applyPatiently(calls, () => makeApply(mine % otherAors, `other.${domain}`, cseq, 7200));
      took.push({ atMs: Date.now(), ms: performance.now() - startedAtMs });
    },
    inFlight,
  );
  return {
    stop: async () => {
      goesOn = false;
      await running;
      calls.close();
      return took;
    },
  };
}

/** A Redis that forks to save itself, or a machine that has other things to do, may leave a write unanswered for a while. */
async function applyPatiently(
  calls: Pick<LocationCalls, 'apply'>,
  make: () => Parameters<LocationCalls['apply']>[0],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await calls.apply(make(), context);
      return;
    } catch (error) {
      if (!(error instanceof ServiceFault) || attempt === mostAttempts) throw error;
      await wait(Math.max(error.retryAfterMs, 500));
    }
  }
}

function makeApply(
  index: number,
  host: string,
  cseq: number,
  expiresSec: number,
): Parameters<LocationCalls['apply']>[0] {
  const user = userOf(index);
  const port = 10_000 + (index % 50_000);
  const nowMs = Date.now();
  return {
    aor: `sip:${user}@${host}`,
    callId: `${index}-7f3a9c5e2b@127.0.0.1`,
    cseq,
    branch: `z9hG4bK524287${index}r${cseq}`,
    updates: [
      {
        uri: `sip:${user}@127.0.0.1:${port};transport=udp`,
        params: '',
        expiresSec,
        instanceId: '',
        regId: 0,
      },
    ],
    removeAll: false,
    path: [],
    flow: {
      edge: 'edge-0',
      token: `u~127.0.0.1:5060~127.0.0.1:${port}`,
      transport: 1,
      localAddress: '127.0.0.1:5060',
      remoteAddress: `127.0.0.1:${port}`,
    },
    userAgent: 'Desk phone 108.86.0.45',
    maxBindings: 10,
    nonce: {
      nonce: `${String(index).padStart(29, 'MTcwMDAwMDAwMHNvbWUtcmFuZG9t')}${String(index).padStart(11, '0')}`,
      nc: cseq,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + 3_600_000,
    },
    refused: false,
    replaceOldest: false,
    gruu: false,
    push: false,
  };
}

async function runSideBySide(
  goesOn: () => boolean,
  one: () => Promise<void>,
  workers = sideBySide,
): Promise<void> {
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (goesOn()) await one();
    }),
  );
}
