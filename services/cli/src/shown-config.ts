import { ConfigError, readConfig, showConfig, type VariableTable } from '@rollcall/runtime';

/** The configuration of one program as it would start now. */
export interface ShownConfig {
  /** Values by the variables' names; secrets are masked. */
  readonly variables: Readonly<Record<string, string>>;
  /** Why it would not start; '' where no variable stands in its way. */
  readonly problem: string;
}

/** What a program with these variables would read from an environment. */
export function readShownConfig(table: VariableTable, env: NodeJS.ProcessEnv): ShownConfig {
  const pairs = showConfig(table, env).map((line): [string, string] => {
    const equalsAt = line.indexOf('=');
    return [line.slice(0, equalsAt), line.slice(equalsAt + 1)];
  });
  return { variables: Object.fromEntries(pairs), problem: findProblem(table, env) };
}

function findProblem(table: VariableTable, env: NodeJS.ProcessEnv): string {
  try {
    readConfig(table, env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
