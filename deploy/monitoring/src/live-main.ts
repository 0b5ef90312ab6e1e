/**
 * `npm run monitoring:live`: the five services, phones that register, move, fail and call, SIPp, and a real Prometheus with
 * our rules for two minutes; then every query of every panel must give something. `-- --seconds=60`, `--json` for
 * machines, `--screenshots=folder` for pictures of the page that draws the panels.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findFreePort, readScriptOptions, wholeOption } from '@rollcall/testkit';
import { dashboards } from './dashboards/all.ts';
import { startEverydayLoad } from './live/everyday-load.ts';
import { askPanels, formatPanels, isEmpty } from './live/panel-table.ts';
import { startSipp } from './live/sipp-load.ts';
import { startWatchedProduct } from './live/watched-product.ts';
import { servePage } from './page/page-server.ts';
import { takeScreenshot } from './page/take-screenshot.ts';

const sippPerSec = 40;

const values = readScriptOptions({
  options: {
    seconds: { type: 'string', default: '120' },
    json: { type: 'boolean', default: false },
    screenshots: { type: 'string' },
  },
});
const seconds = wholeOption('seconds', values.seconds, 1);
const report = (line: string) => console.error(line);

report('starting Redis, five services and Prometheus …');
const product = await startWatchedProduct();
let failed = true;
try {
  const { services, folder, prometheus } = product;
  const loads = [
    startEverydayLoad(product),
    await startSipp({ scenario: 'register', folder, server: services.sip, callsPerSec: sippPerSec }),
  ];
  report(`phones register, call and leave; SIPp registers ${sippPerSec} a second; for ${seconds} s …`);
  try {
    await new Promise((done) => setTimeout(done, seconds * 1000));
    const rows = await askPanels(prometheus);
    console.log(values.json ? JSON.stringify(rows, null, 2) : formatPanels(rows));
    const empty = rows.filter(isEmpty).length;
    failed = empty > 0;
    report(
      failed ? `${empty} of ${rows.length} queries gave nothing` : `${rows.length} queries: all is well`,
    );
    if (values.screenshots !== undefined) await takeScreenshots(resolve(values.screenshots), prometheus.url);
  } finally {
    for (const load of loads) await load.stop();
  }
} finally {
  await product.stop();
}
process.exit(failed ? 1 : 0);

async function takeScreenshots(to: string, prometheusUrl: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  const page = await servePage(prometheusUrl, await findFreePort());
  for (const { uid } of dashboards) {
    const file = join(to, `${uid}.png`);
    await takeScreenshot(page.url, uid, seconds, file);
    report(`picture: ${file}`);
  }
  await page.stop();
}
