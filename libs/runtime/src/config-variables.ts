import type { z } from 'zod';

/** One environment variable: the single place that knows its name, default, meaning and form. */
export interface Variable<T> {
  /** The variable's name, for example "EDGE_UDP_LISTEN". */
  readonly name: string;
  /** The text that an unset variable stands for; a variable without one must be set. */
  readonly default?: string;
  /** How the documentation words the default, where the text alone says little. */
  readonly defaultMeaning?: string;
  /** What it does, for docs/configuration.md. */
  readonly meaning: string;
  /** Turns the text into the value; its message says what is allowed. */
  readonly schema: z.ZodType<T, string>;
  /** True: never shown, and `NAME_FILE` may name a file that holds it. */
  readonly secret?: boolean;
  /** The text as it may be shown, where only a part of it is secret: the password of an address. */
  readonly mask?: (text: string) => string;
}

/** A program's variables, by the names of their properties in the configuration. */
export type VariableTable = Readonly<Record<string, Variable<unknown>>>;

/** The configuration that a table reads into. */
export type ConfigOf<Table extends VariableTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Variable<infer T> ? T : never;
};

/** One row of docs/configuration.md. */
export interface VariableDescription {
  readonly name: string;
  readonly default: string;
  readonly meaning: string;
  readonly secret: boolean;
}

/** The rows of docs/configuration.md for a table, in its order. */
export function describeVariables(table: VariableTable): VariableDescription[] {
  return Object.values(table).map((variable) => ({
    name: variable.name,
    default: variable.defaultMeaning ?? variable.default ?? 'required',
    meaning: variable.meaning,
    secret: variable.secret === true,
  }));
}

/** The table as Markdown. */
export function renderVariables(table: VariableTable): string {
  const rows = describeVariables(table).map(({ name, default: text, meaning, secret }) => {
    const names = secret ? `\`${name}\`, \`${name}_FILE\`` : `\`${name}\``;
    return `| ${names} | ${text === '' ? 'empty' : `\`${text}\``} | ${meaning.replaceAll('|', '\\|')} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n') + '\n';
}
