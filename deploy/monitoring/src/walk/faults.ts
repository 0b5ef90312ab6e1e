import type { ServiceName } from '@rollcall/testkit';
import { Redis } from 'ioredis';
import { startSipp } from '../live/sipp-load.ts';
import type { WatchedProduct } from '../live/watched-product.ts';
import type { Check, Fault } from './fault.ts';

const takenForGranted = 'Before anything else';
const readyz = "curl -s 'localhost:8080/readyz?verbose'";
const pods = (part: ServiceName): Check => ({
  command: `kubectl -n $NS get pods -l "$(part ${part})"`,
  says: new RegExp(`${part}-0 +0/1 +CrashLoopBackOff`),
});

/** The whole of a part is gone, as after a bad deployment; mended by bringing it back. */
function killed(part: ServiceName): Fault['breakIt'] {
  return async ({ services }) => {
    await services.program(part).kill('SIGKILL');
    return () => services.program(part).start();
  };
}

async function killRedis({ redis }: WatchedProduct): Promise<() => Promise<void>> {
  await redis.kill();
  // With its data, as the runbook says: it was started with its log on disk.
  return () => redis.restart();
}

/** Somebody else's slow scripts on the same Redis. */
async function slowNeighbour({ redis }: WatchedProduct): Promise<() => Promise<void>> {
  const neighbour = new Redis(redis.url, { maxRetriesPerRequest: null });
  let stopped = false;
  const script = 'for i = 1, tonumber(ARGV[1]) do end return 1';
  const run = (async () => {
    while (!stopped) {
      await neighbour.eval(script, 0, 12_000_000);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  })();
  return async () => {
    stopped = true;
    await run;
    neighbour.disconnect();
  };
}

function flood(
  options: Pick<Parameters<typeof startSipp>[0], 'scenario' | 'callsPerSec' | 'password' | 'from'>,
) {
  return async ({ folder, services }: WatchedProduct) => {
    const sipp = await startSipp({ folder, server: services.sip, ...options });
    return () => sipp.stop();
  };
}

/** The worst that may happen in the night: each is broken for real. The storm comes last: its alert compares with what was before. */
export const faults: readonly Fault[] = [
  {
    what: 'somebody guesses passwords',
    alert: 'SipAuthFailureSpike',
    breakIt: flood({ scenario: 'wrong-password', callsPerSec: 60, password: 'guessed', from: '127.0.0.9' }),
    checks: [
      {
        command: `kubectl -n $NS logs -l "$(part registrar)" --since=15m | grep auth_failed | grep -o '"source":"[^"]*"' | sort | uniq -c | sort -rn | head`,
        says: /"source":"127\.0\.0\.9"/,
      },
    ],
    probeSays: /good/,
  },
  {
    what: 'Redis is slow: scripts of others',
    alert: 'SipStoreSlow',
    breakIt: slowNeighbour,
    checks: [
      { command: 'redis-cli slowlog get 10', says: /eval/i },
      { command: 'redis-cli --latency', says: /\d/ },
      { command: 'redis-cli info persistence', says: /aof_delayed_fsync/ },
    ],
    probeSays: /good/,
  },
  {
    what: 'all registrars are gone',
    alert: 'SipOverloadShedding',
    breakIt: killed('registrar'),
    checks: [
      {
        command: 'curl -s localhost:8080/metrics | grep rollcall_sip_requests_shed_total',
        says: /backend_unavailable"\} [1-9]/,
      },
      pods('registrar'),
      { command: readyz, heading: takenForGranted, says: /registrar/ },
    ],
    probeSays: /503/,
  },
  {
    what: 'auth is gone',
    alert: 'SipAuthBackendErrors',
    breakIt: killed('auth'),
    checks: [
      pods('auth'),
      {
        command: 'curl -s localhost:8080/metrics | grep rollcall_registrar_subscriber_watch_live',
        pod: 'registrar-0',
        says: /watch_live 0/,
      },
    ],
    probeSays: /503/,
  },
  {
    what: 'Redis has crashed',
    alert: 'SipStoreErrors',
    breakIt: killRedis,
    checks: [
      {
        command: `kubectl -n $NS logs -l "$(part location)" --since=15m | grep -E '"level":"(warn|error)"' | tail -3`,
        says: /Redis|redis|ECONN/,
      },
      { command: 'redis-cli ping', says: /refused|reset|closed/i },
      { command: readyz, heading: takenForGranted, pod: 'location-0', says: /redis.*(failed|not|ECONN)/i },
    ],
    probeSays: /503/,
  },
  {
    what: 'no edge is left',
    alert: 'SipEdgeDown',
    breakIt: killed('edge'),
    checks: [pods('edge')],
    probeSays: /no answer|not answer|refused/i,
  },
  {
    what: 'a storm: ten times as many phones',
    alert: 'SipRegistrationStorm',
    breakIt: flood({ scenario: 'register', callsPerSec: 150 }),
    checks: [
      {
        command: 'curl -s localhost:8080/metrics | grep rollcall_sip_requests_shed_total',
        says: /reason="backend_overload"\} \d/,
      },
    ],
    probeSays: /good/,
  },
];
