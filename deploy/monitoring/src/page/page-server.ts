import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describePanels } from './panels.ts';

const folder = join(import.meta.dirname, '../../page');
const uplot = join(createRequire(import.meta.url).resolve('uplot'), '..');
const files: Readonly<Record<string, readonly [string, string]>> = {
  '/': [join(folder, 'index.html'), 'text/html; charset=utf-8'],
  '/page.css': [join(folder, 'page.css'), 'text/css'],
  '/page.js': [join(folder, 'page.js'), 'text/javascript; charset=utf-8'],
  '/charts.js': [join(folder, 'charts.js'), 'text/javascript; charset=utf-8'],
  '/units.js': [join(folder, 'units.js'), 'text/javascript; charset=utf-8'],
  '/prometheus.js': [join(folder, 'prometheus.js'), 'text/javascript; charset=utf-8'],
  '/uplot.js': [join(uplot, 'uPlot.esm.js'), 'text/javascript; charset=utf-8'],
  '/uplot.css': [join(uplot, 'uPlot.min.css'), 'text/css'],
};
const askTimeoutMs = 10_000;

/** A running page. */
export interface PageServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves the page that draws the dashboards' panels, on this machine only; its questions go on to Prometheus.
 *
 * @param prometheus base URL of Prometheus @param port 0 for any free one
 */
export async function servePage(prometheus: string, port: number): Promise<PageServer> {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://page');
    const file = files[pathname];
    if (request.method !== 'GET') answer(response, 405, 'text/plain', 'GET only');
    else if (file !== undefined) answer(response, 200, file[1], readFileSync(file[0]));
    else if (pathname === '/dashboards.json')
      answer(response, 200, 'application/json', JSON.stringify(describePanels()));
    else if (/^\/api\/v1\/query(_range)?$/.test(pathname))
      void passOn(`${prometheus}${pathname}${search}`, response);
    else answer(response, 404, 'text/plain', 'not here');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function passOn(url: string, response: ServerResponse): Promise<void> {
  try {
    const asked = await fetch(url, { signal: AbortSignal.timeout(askTimeoutMs) });
    answer(response, asked.status, 'application/json', Buffer.from(await asked.arrayBuffer()));
  } catch (error) {
    const problem = `Prometheus does not answer: ${error instanceof Error ? error.message : String(error)}`;
    answer(response, 502, 'application/json', JSON.stringify({ status: 'error', error: problem }));
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
