/**
 * `npm run monitoring:page`: the dashboards' panels in a browser, drawn from Prometheus's query API, for whoever has no
 * Grafana. `-- --prometheus=http://host:9090 --port=3300`
 */
import { listening } from '@rollcall/runtime';
import { readScriptOptions, wholeOption } from '@rollcall/testkit';
import { servePage } from './page/page-server.ts';

const values = readScriptOptions({
  options: {
    prometheus: { type: 'string', default: 'http://127.0.0.1:9090' },
    port: { type: 'string', default: '3300' },
  },
});
const port = wholeOption('port', values.port, 0);
try {
  const serving = servePage(values.prometheus.replace(/\/$/, ''), port);
  const page = await listening('--port', `127.0.0.1:${port}`, serving);
  console.log(`${page.url}  (Ctrl-C ends it; Prometheus: ${values.prometheus})`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
