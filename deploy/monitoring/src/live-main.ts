/**
 * `npm run monitoring:live`: the five services, phones that register, move, fail and call, and a real Prometheus with our
 * rules for two minutes (or --seconds=…); then every query of every panel must give something.
 */
import { parseArgs } from 'node:util';
import { connectLocationApi } from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import { findFreePort, SipAgent, startRedis, startServices } from '@rollcall/testkit';
import { dashboards } from './dashboards/all.ts';
import { matchersOf } from './dashboards/dashboard.ts';
import { startPrometheus } from './prometheus.ts';
import { withoutVariables } from './query.ts';

/** Panels that are empty while all is well, and those that look further back than the run: their queries may give nothing. */
const mayBeEmpty =
  /yesterday|Not granted|Dependencies|failed, by service|Not answered|ended|forgotten|hours since|wrong|Verify|draining|socket:|unparsable|tried again|Canary|Certificate/i;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '120' } } });
const subscribers = new URL('../../../services/standalone/demo-subscribers.yaml', import.meta.url).pathname;
const redis = await startRedis();
const services = await startServices({
  redisUrl: redis.url,
  env: { AUTH_SUBSCRIBERS: `file:${subscribers}` },
});
const prometheus = await startPrometheus({ port: await findFreePort(), targets: services.http });
let stopped = false;
const load = Promise.all([live('udp'), live('tcp'), lookUp()]);
let empty = 0;
try {
  await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
  empty = await showPanels();
} finally {
  stopped = true;
  await load;
  await prometheus.stop();
  await services.stop();
  await redis.stop();
}
process.exit(empty > 0 ? 1 : 0);

/** A phone's life in short: it registers, refreshes, mistypes its password, is called, leaves. */
async function live(transport: 'udp' | 'tcp'): Promise<void> {
  for (let turn = 0; !stopped; turn += 1) {
    await using phone = new SipAgent({ transport, server: services.sip });
    const [alice, right] = ['sip:alice@example.com', 'wonderland'];
    await phone.register({ aor: alice, password: right, expires: 60 });
    await phone.register({ aor: alice, password: right, expires: 61 });
    await phone.request({ method: 'INVITE', uri: alice });
    await phone.request({ method: 'INVITE', uri: 'sip:nobody@example.com' });
    await phone.request({ method: 'OPTIONS', uri: 'sip:example.com' });
    if (turn % 20 === 0) await phone.register({ aor: 'sip:bob@example.com', password: 'wrong' });
    await phone.register({ aor: alice, password: right, expires: 0 });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Another service, which asks where alice is. */
async function lookUp(): Promise<void> {
  const location = connectLocationApi(`dns:///${services.locationApi}`, { clock: systemClock });
  await location.whenReady(5000);
  while (!stopped) {
    const call = { timeoutMs: 1000, traceparent: '' };
    // Not found is an answer: alice comes and goes.
    await location.getRegistration({ aor: 'sip:alice@example.com' }, call).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  location.close();
}

/** Asks every query of every panel; prints what it gave, and returns how many gave nothing that should. */
async function showPanels(): Promise<number> {
  let failures = 0;
  for (const spec of dashboards) {
    for (const panel of spec.rows.flatMap((row) => row.panels)) {
      for (const [legend, query] of Object.entries(panel.queries)) {
        const expr = withoutVariables(query.replaceAll('SELECT', matchersOf(spec)));
        const results = await prometheus.ask(expr);
        const excused = results.length === 0 && mayBeEmpty.test(`${panel.title} ${legend}`);
        if (results.length === 0 && !excused) failures += 1;
        const shown =
          results.length > 0
            ? `${results.length} series, e.g. ${results[0]}`
            : excused
              ? 'empty, as it may be'
              : 'EMPTY';
        console.log(`${spec.uid} | ${panel.title} | ${legend} | ${shown}`);
      }
    }
  }
  console.log(failures === 0 ? 'every panel has data' : `${failures} queries gave nothing`);
  return failures;
}
