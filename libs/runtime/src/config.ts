import { ConfigError, type ConfigProblem } from './config-error.ts';
import { findTypos } from './config-typos.ts';
import type { ConfigOf, Variable, VariableTable } from './config-variables.ts';
import { readNamedFile } from './named-files.ts';

/**
 * Reads a program's configuration from its environment: all variables together, all problems at once.
 *
 * @param table the program's variables
 * @param env usually process.env
 * @param check finds what is wrong between variables that are right each by itself
 * @throws ConfigError with every problem
 */
export function readConfig<const Table extends VariableTable>(
  table: Table,
  env: NodeJS.ProcessEnv,
  check: (config: ConfigOf<Table>) => readonly ConfigProblem[] = () => [],
): ConfigOf<Table> {
  const problems: ConfigProblem[] = [];
  const config: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries(table)) {
    config[key] = readVariable(variable, env, problems);
  }
  for (const { variable, meant } of findTypos(knownNames(table), env)) {
    problems.push({ variable, value: undefined, problem: `is not a variable; did you mean ${meant}?` });
  }
  const typed = Object.freeze(config) as ConfigOf<Table>;
  if (problems.length === 0) problems.push(...check(typed));
  if (problems.length > 0) throw new ConfigError(problems);
  return typed;
}

/**
 * The configuration in effect as `NAME=text` lines, secrets masked; for `rollcall config` and the log at start.
 *
 * @throws nothing: values are shown as they are given, right or wrong
 */
export function showConfig(table: VariableTable, env: NodeJS.ProcessEnv): string[] {
  return Object.values(table).map((variable) => {
    const text = env[variable.name];
    if (variable.secret === true && env[`${variable.name}_FILE`] !== undefined) {
      return `${variable.name}_FILE=${env[`${variable.name}_FILE`]}`;
    }
    if (text === undefined) return `${variable.name}=${variable.default ?? ''}`;
    return `${variable.name}=${shownValue(variable, text)}`;
  });
}

function readVariable(
  variable: Variable<unknown>,
  env: NodeJS.ProcessEnv,
  problems: ConfigProblem[],
): unknown {
  const text = readText(variable, env, problems);
  if (text === undefined) return undefined;
  const result = variable.schema.safeParse(text);
  if (result.success) return result.data;
  const problem = result.error.issues.map((issue) => issue.message).join('; ');
  problems.push({ variable: variable.name, value: shownValue(variable, text), problem });
  return undefined;
}

/** The variable's text, from itself, its file or its default; undefined where there is none, with the problem noted. */
function readText(
  variable: Variable<unknown>,
  env: NodeJS.ProcessEnv,
  problems: ConfigProblem[],
): string | undefined {
  const { name } = variable;
  const text = env[name];
  const path = variable.secret === true ? env[`${name}_FILE`] : undefined;
  if (path !== undefined && path !== '') {
    if (text !== undefined && text !== '') {
      problems.push({ variable: name, value: undefined, problem: `and ${name}_FILE are both set; set one` });
      return undefined;
    }
    return readSecretFile(`${name}_FILE`, path, problems);
  }
  if (text !== undefined) return text;
  if (variable.default === undefined) {
    problems.push({
      variable: name,
      value: undefined,
      problem: `is not set. It is needed: ${variable.meaning}`,
    });
  }
  return variable.default;
}

function readSecretFile(name: string, path: string, problems: ConfigProblem[]): string | undefined {
  return readNamedFile(name, path, problems)?.replace(/\r?\n$/, '');
}

function shownValue(variable: Variable<unknown>, text: string): string {
  if (variable.secret === true) return `(secret, ${text.length} characters)`;
  return JSON.stringify(variable.mask === undefined ? text : variable.mask(text));
}

function knownNames(table: VariableTable): Set<string> {
  const names = new Set<string>();
  for (const variable of Object.values(table)) {
    names.add(variable.name);
    if (variable.secret === true) names.add(`${variable.name}_FILE`);
  }
  return names;
}
