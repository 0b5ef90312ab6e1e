import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '@rollcall/testkit';
import { stringify } from 'yaml';

/** A Prometheus that runs. */
export interface RunningPrometheus {
  readonly url: string;
  /** The values that a query gives now, one for each series. */
  ask(query: string): Promise<string[]>;
  stop(): Promise<void>;
}

const readyTimeoutMs = 20_000;
const askAgainMs = 200;

interface QueryAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** Starts Prometheus on loopback with all rules; it scrapes each target ("host:port" by service) every two seconds. */
export async function startPrometheus(options: {
  port: number;
  targets: Readonly<Record<string, string>>;
  /** A pattern of rule files; by default the committed ones. */
  rules?: string;
}): Promise<RunningPrometheus> {
  const program = await findTool('prometheus');
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-prometheus-'));
  const config = join(folder, 'prometheus.yaml');
  writeFileSync(
    config,
    stringify({
      global: { scrape_interval: '2s', evaluation_interval: '2s' },
      rule_files: [options.rules ?? join(import.meta.dirname, '../rules/*.yaml')],
      scrape_configs: [
        {
          job_name: 'rollcall',
          static_configs: Object.entries(options.targets).map(([name, address]) => ({
            targets: [address],
            labels: { cluster: 'here', namespace: 'live', pod: `${name}-0` },
          })),
        },
      ],
    }),
  );
  const address = `127.0.0.1:${options.port}`;
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const giveUpAtMs = Date.now() + readyTimeoutMs;
  while (!(await isReady(address))) {
    if (Date.now() > giveUpAtMs || child.exitCode !== null) {
      await stop();
      throw new Error(`Prometheus is not ready on ${address}`);
    }
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
  return { url: `http://${address}`, ask: (query) => ask(address, query), stop };
}

async function isReady(address: string): Promise<boolean> {
  return fetch(`http://${address}/-/ready`).then(
    (response) => response.ok,
    () => false,
  );
}

async function ask(address: string, query: string): Promise<string[]> {
  const response = await fetch(`http://${address}/api/v1/query?${new URLSearchParams({ query })}`);
  const answer = (await response.json()) as QueryAnswer;
  if (answer.status !== 'success') throw new Error(`${answer.error ?? 'no answer'}: ${query}`);
  return (answer.data?.result ?? []).map(({ value }) => value[1]);
}
