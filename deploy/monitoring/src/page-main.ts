/**
 * `npm run monitoring:page`: the dashboards' panels in a browser, drawn from Prometheus's query API, for whoever has no
 * Grafana. `-- --prometheus=http://host:9090 --port=3300`
 */
import { parseArgs } from 'node:util';
import { servePage } from './page/page-server.ts';

const { values } = parseArgs({
  options: {
    prometheus: { type: 'string', default: 'http://127.0.0.1:9090' },
    port: { type: 'string', default: '3300' },
  },
});
const page = await servePage(values.prometheus.replace(/\/$/, ''), Number(values.port));
console.log(`${page.url}  (Ctrl-C ends it; Prometheus: ${values.prometheus})`);
