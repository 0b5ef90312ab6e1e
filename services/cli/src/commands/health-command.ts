import { type Command, Option } from 'commander';
import { argument, type CliContext, runCommand, wholeNumber } from '../cli-context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { addGrpcOptions, type GrpcOptions, withGrpc } from '../grpc-options.ts';
import { askHealth, type HealthFinding } from '../health.ts';
import { formatTable } from '../table.ts';
import { parseTarget } from '../target-argument.ts';
import type { Terminal } from '../terminal.ts';

interface HealthOptions extends GrpcOptions {
  readonly service: string;
  /** Seconds. */
  readonly timeout: number;
}

/** `rollcall health`: asks gRPC servers whether they take calls. */
export function addHealthCommand(program: Command, context: CliContext): void {
  const command = program
    .command('health')
    .description(
      'ask gRPC servers whether they take calls (grpc.health.v1): registrar, auth, location, redirect',
    )
    .argument(
      '[host:port...]',
      `servers, for example registrar:50051 (default: ${context.config.location})`,
      collect,
    )
    .option('--service <name>', 'ask for one service, for example rollcall.auth.v1.AuthService', '')
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for each answer')
        .argParser(argument(wholeNumber(1, 64)))
        .default(5),
    );
  addGrpcOptions(command, context).action((targets: readonly string[], options: HealthOptions) =>
    runCommand(context, command, (terminal) =>
      run(targets.length === 0 ? [context.config.location] : targets, options, context, terminal),
    ),
  );
}

/** Commander gives one argument at a time. */
function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), argument(parseTarget)(text)];
}

async function run(
  targets: readonly string[],
  options: HealthOptions,
  context: CliContext,
  terminal: Terminal,
): Promise<ExitCode> {
  const { service, timeout } = options;
  const findings = await withGrpc(options, context, (connecting) =>
    Promise.all(
      targets.map((target) => askHealth({ target, service, timeoutMs: timeout * 1000 }, connecting)),
    ),
  );
  terminal.result({ good: findings.every(isGood), servers: findings });
  const rows = findings.map(({ target, answer, tookMs, problem }) => [
    target,
    answer,
    `${tookMs} ms`,
    problem === '' ? terminal.mark('good', 'good') : terminal.mark(problem, 'bad'),
  ]);
  for (const line of formatTable(['SERVER', 'ANSWER', 'TOOK', 'VERDICT'], rows)) terminal.line(line);
  return judge(findings);
}

function isGood({ problem }: HealthFinding): boolean {
  return problem === '';
}

function judge(findings: readonly HealthFinding[]): ExitCode {
  if (findings.every(isGood)) return exitCodes.fine;
  return findings.some(({ answer }) => answer === 'NONE') ? exitCodes.noAnswer : exitCodes.refused;
}
