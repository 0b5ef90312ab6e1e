import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '@rollcall/testkit';
import type { WatchedProduct } from '../live/watched-product.ts';

const root = join(import.meta.dirname, '../../../..');
const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
const commandTimeoutMs = 30_000;

/** What a command of the runbook said. */
export interface CommandResult {
  readonly output: string;
  readonly exitCode: number;
}

/**
 * Runs commands as the runbook has them, word for word: only what stands in <angle brackets> is filled in. There is no
 * Kubernetes here, so `kubectl` is a stand-in that knows five pods with one process each; Redis, curl and the
 * `rollcall` command are the real ones. A command that the runbook does not have under the alert's heading is refused.
 */
export class RunbookShell {
  readonly #product: WatchedProduct;
  readonly #bin: string;

  constructor(product: WatchedProduct) {
    this.#product = product;
    this.#bin = join(product.folder, 'bin');
    mkdirSync(this.#bin);
    this.#write('kubectl', kubectl(product));
    this.#write('redis-cli', `exec /usr/bin/redis-cli -u ${product.redis.url} "$@"`);
  }

  /**
   * @param heading the alert, or the heading that has what all have in common
   * @param fillIn what stands for each <placeholder> @param pod whose port 8080 was forwarded, as the runbook says
   */
  async run(
    heading: string,
    command: string,
    options: { fillIn?: Readonly<Record<string, string>>; pod?: string } = {},
  ): Promise<CommandResult> {
    if (!sectionOf(heading).includes(command))
      throw new Error(`the runbook does not say "${command}" under "${heading}"`);
    let filled = command;
    for (const [name, value] of Object.entries(options.fillIn ?? {}))
      filled = filled.replaceAll(`<${name}>`, value);
    const { http } = this.#product.services;
    const forwarded = http[(options.pod ?? 'edge-0').replace('-0', '') as keyof typeof http];
    return this.#bash(`${prelude()}\n${filled.replaceAll('localhost:8080', forwarded)}`);
  }

  #bash(script: string): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const child = spawn('bash', ['-c', script], {
        cwd: root,
        env: { ...process.env, PATH: `${this.#bin}:${process.env.PATH}` },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: commandTimeoutMs,
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      child.once('error', reject);
      child.once('close', (code) => resolve({ output: output.trim(), exitCode: code ?? -1 }));
    });
  }

  #write(name: string, script: string): void {
    const file = join(this.#bin, name);
    writeFileSync(file, `#!/bin/bash\n${script}\n`);
    chmodSync(file, 0o755);
  }
}

/** What the runbook's commands take for granted: its own two lines. */
function prelude(): string {
  const lines = runbook.split('\n');
  const found = ['NS=', 'part()'].map((start) => lines.find((line) => line.startsWith(start)));
  if (found.some((line) => line === undefined)) throw new Error('the runbook has lost NS or part()');
  return found.join('\n');
}

function sectionOf(heading: string): string {
  const from = runbook.search(new RegExp(`^#+ ${heading}$`, 'm'));
  if (from < 0) throw new Error(`the runbook has no heading "${heading}"`);
  const rest = runbook.slice(runbook.indexOf('\n', from));
  const to = rest.search(/^#{2,3} /m);
  return to < 0 ? rest : rest.slice(0, to);
}

/** `get pods` and `logs`, with or without `-l`; what it does not know it refuses. */
function kubectl({ folder, services }: WatchedProduct): string {
  const addresses = serviceNames.map((name) => `[${name}]=${services.http[name]}`).join(' ');
  return `
declare -A http=(${addresses})
verb= part=
while [ $# -gt 0 ]; do
  case "$1" in
    -n) shift ;;
    -l) [[ "$2" == *component=* ]] && part="\${2##*component=}"; shift ;;
    --tail=*|--since=*|-o|wide|pods) ;;
    get|logs) verb=$1 ;;
    *) echo "the stand-in for kubectl does not know: $1" >&2; exit 64 ;;
  esac
  shift
done
if [ "$verb" = logs ]; then cat "${folder}/$part.log"; exit; fi
printf '%-14s %-6s %s\\n' NAME READY STATUS
for name in \${part:-${serviceNames.join(' ')}}; do
  code=$(curl -s -o /dev/null -m 3 -w '%{http_code}' "http://\${http[$name]}/readyz")
  case "$code" in
    200) printf '%-14s %-6s %s\\n' "$name-0" 1/1 Running ;;
    000) printf '%-14s %-6s %s\\n' "$name-0" 0/1 CrashLoopBackOff ;;
    *) printf '%-14s %-6s %s\\n' "$name-0" 0/1 Running ;;
  esac
done`;
}
