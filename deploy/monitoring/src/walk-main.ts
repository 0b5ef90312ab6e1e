/**
 * `npm run monitoring:walk`: breaks the product for real, one fault after the other, and walks the runbook: the alert must
 * fire, the runbook's own commands must say what they should, and once mended as it says, the alert must go and phones be
 * served. Windows and holding times of the rules are shortened to seconds, nothing else. Six to ten minutes;
 * `-- --only=SipEdgeDown,SipStoreErrors` walks some of it.
 */

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { readScriptOptions } from '@rollcall/testkit';
import { startEverydayLoad } from './live/everyday-load.ts';
import { startSipp } from './live/sipp-load.ts';
import { startWatchedProduct, type WatchedProduct } from './live/watched-product.ts';
import type { Check, Fault } from './walk/fault.ts';
import { faults } from './walk/faults.ts';
import { writeQuickRules } from './walk/quick-rules.ts';
import { RunbookShell } from './walk/runbook-shell.ts';

/** The storm's alert compares with the average of what Prometheus has seen. */
const settleMs = 90_000;
const patienceMs = 120_000;
const probeCommand =
  'npx rollcall probe sip:<test user>@<domain> --password <its password> --server <address of the edge>';

/** What came of one fault. */
interface Walked {
  readonly fault: string;
  readonly alert: string;
  readonly firedAfterSec: number | undefined;
  readonly checks: string;
  readonly recoveredAfterSec: number | undefined;
}

const values = readScriptOptions({ options: { only: { type: 'string' } } });
const only = values.only?.split(',');
const wanted = faults.filter(({ alert }) => only?.includes(alert) ?? true);
if (wanted.length === 0) {
  console.error(`no such alert to walk; there is ${faults.map(({ alert }) => alert).join(', ')}`);
  process.exit(2);
}

console.log('starting Redis, five services and Prometheus …');
const product = await startWatchedProduct({
  makeRules: writeQuickRules,
  durable: true,
  env: {
    // The walk guesses from one machine; a source that is locked out at once would guess no more.
    AUTH_LOCKOUT_FAILURES: '100000',
  },
  onLine: (service, line, folder) => appendFileSync(join(folder, `${service}.log`), `${line}\n`),
});
const walked: Walked[] = [];
try {
  const shell = new RunbookShell(product);
  const { services, folder } = product;
  const loads = [
    startEverydayLoad(product),
    await startSipp({ scenario: 'register', folder, server: services.sip, callsPerSec: 5 }),
  ];
  try {
    console.log(`phones register; looking at nothing for ${settleMs / 1000} s …`);
    await pause(settleMs);
    for (const fault of wanted) walked.push(await walk(fault, product, shell));
  } finally {
    for (const load of loads) await load.stop();
  }
} finally {
  console.log(`\n${formatTable(walked)}`);
  await product.stop();
}
const wrong = walked.filter(
  ({ firedAfterSec, recoveredAfterSec, checks }) =>
    firedAfterSec === undefined || recoveredAfterSec === undefined || !/^(\d+) of \1$/.test(checks),
);
process.exit(wrong.length > 0 ? 1 : 0);

async function walk(fault: Fault, { prometheus }: WatchedProduct, shell: RunbookShell): Promise<Walked> {
  console.log(`\n== ${fault.what}`);
  const firing = `ALERTS{alertname="${fault.alert}",alertstate="firing"}`;
  const isFiring = async () => (await prometheus.ask(firing)).length > 0;
  if ((await secondsUntil(Date.now(), async () => !(await isFiring()))) === undefined) {
    console.log(`${fault.alert} fires though nothing is broken: is this machine too slow?`);
    return {
      ...fault,
      fault: fault.what,
      firedAfterSec: undefined,
      checks: 'none',
      recoveredAfterSec: undefined,
    };
  }
  const brokenAtMs = Date.now();
  const mend = await fault.breakIt(product);
  let firedAfterSec: number | undefined;
  let good = 0;
  const all = [...fault.checks, probe(fault.probeSays)];
  try {
    firedAfterSec = await secondsUntil(brokenAtMs, isFiring);
    console.log(firedAfterSec === undefined ? `${fault.alert} did not fire` : `${fault.alert} fires`);
    for (const check of all) if (await isSaid(check, fault.alert, shell)) good += 1;
  } finally {
    await mend();
  }
  const mendedAtMs = Date.now();
  const recoveredAfterSec = await secondsUntil(mendedAtMs, async () => {
    if (await isFiring()) return false;
    return isSaid(probe(/good/), fault.alert, shell);
  });
  return {
    fault: fault.what,
    alert: fault.alert,
    firedAfterSec,
    checks: `${good} of ${all.length}`,
    recoveredAfterSec,
  };
}

function probe(says: RegExp): Check {
  return {
    heading: 'Before anything else',
    command: probeCommand,
    says,
    fillIn: {
      'test user': 'bob',
      domain: 'example.com',
      'its password': 'builder',
      'address of the edge': `${product.services.sip.host}:${product.services.sip.port}`,
    },
  };
}

async function isSaid(check: Check, alert: string, shell: RunbookShell): Promise<boolean> {
  const { output } = await shell.run(check.heading ?? alert, check.command, check);
  const good = check.says.test(output);
  const lines = output.split('\n');
  const shown = lines.find((line) => check.says.test(line)) ?? lines.slice(0, 3).join(' | ');
  console.log(`${good ? 'ok ' : 'BAD'} $ ${check.command}\n      ${shown.slice(0, 160)}`);
  return good;
}

async function secondsUntil(fromMs: number, isSo: () => Promise<boolean>): Promise<number | undefined> {
  while (Date.now() - fromMs < patienceMs) {
    if (await isSo()) return Math.round((Date.now() - fromMs) / 1000);
    await pause(1000);
  }
  return undefined;
}

function formatTable(rows: readonly Walked[]): string {
  const seconds = (value: number | undefined) => (value === undefined ? 'NEVER' : `${value} s`);
  const cells = rows.map((row) => [
    row.fault,
    row.alert,
    seconds(row.firedAfterSec),
    row.checks,
    seconds(row.recoveredAfterSec),
  ]);
  const table = [['fault', 'alert', 'fired after', 'commands', 'recovered after'], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
