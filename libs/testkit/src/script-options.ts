import { type ParseArgsConfig, parseArgs } from 'node:util';

const usageExitCode = 2;

/**
 * The options of a script, as `util.parseArgs` reads them. What it does not know ends the process with a sentence that
 * names what there is.
 */
export function readScriptOptions<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>>['values'] {
  try {
    return parseArgs(config).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return refuse(`${error.message}; there is ${listOptions(config)}`);
  }
}

/** A whole number among the options; ends the process with a sentence where it is none. */
export function wholeOption(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least) return value;
  return refuse(`--${name}=${text} must be a whole number from ${least}`);
}

function listOptions({ options = {} }: ParseArgsConfig): string {
  return Object.entries(options)
    .map(([name, { type }]) => (type === 'boolean' ? `--${name}` : `--${name}=…`))
    .join(', ');
}

function refuse(problem: string): never {
  process.stderr.write(`${problem}\n`);
  process.exit(usageExitCode);
}
