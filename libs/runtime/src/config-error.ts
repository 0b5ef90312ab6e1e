/** One thing wrong with the environment. */
export interface ConfigProblem {
  /** The variable's name. */
  readonly variable: string;
  /** The value as it may be shown: masked where it is secret; undefined where the variable is not set. */
  readonly value: string | undefined;
  /** What is wrong or what is allowed, as the end of a sentence. */
  readonly problem: string;
}

/** Exit code of a program whose configuration is wrong (EX_CONFIG of sysexits.h). */
export const configExitCode = 78;

/** The configuration cannot be used. Carries every problem, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(formatReport(problems));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function formatReport(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map(({ variable, value, problem }) =>
    value === undefined ? `  ${variable} ${problem}` : `  ${variable}=${value}\n      ${problem}`,
  );
  return `The configuration has ${count}:\n${lines.join('\n')}`;
}
