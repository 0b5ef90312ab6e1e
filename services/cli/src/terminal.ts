import { styleText } from 'node:util';

/** Where text goes: process.stdout, process.stderr, or what a test reads. */
export interface TextSink {
  write(text: string): unknown;
}

/** What a command says to its user. */
export interface Terminal {
  /** True where the result is to be one JSON document; then `line` shows nothing. */
  readonly json: boolean;
  /** One line for people. */
  line(text: string): void;
  /** The result for programs; shows nothing unless `json`. */
  result(value: unknown): void;
  /** One of many results for programs, on a line of its own; shows nothing unless `json`. */
  record(value: unknown): void;
  /** True once there was a line or a result. */
  hasSpoken(): boolean;
  /** What went wrong and what to do, on standard error. */
  problem(text: string): void;
  /** A text with a meaning, in colour where the terminal has any. */
  mark(text: string, meaning: Meaning): string;
}

/** What a colour stands for. */
export type Meaning = 'good' | 'bad' | 'dim' | 'strong';

const styles = { good: 'green', bad: 'red', dim: 'dim', strong: 'bold' } as const;

/** Settings of {@link openTerminal}. */
export interface TerminalOptions {
  readonly out: TextSink;
  readonly err: TextSink;
  readonly json: boolean;
  readonly colour: boolean;
}

/** A terminal over two text sinks. */
export function openTerminal(options: TerminalOptions): Terminal {
  const { err, json, colour } = options;
  let spoken = false;
  const say = (text: string) => {
    spoken = true;
    options.out.write(`${text}\n`);
  };
  return {
    json,
    line(text) {
      if (!json) say(text);
    },
    result(value) {
      if (json) say(JSON.stringify(value, undefined, 2));
    },
    record(value) {
      if (json) say(JSON.stringify(value));
    },
    hasSpoken: () => spoken,
    problem(text) {
      err.write(`${text}\n`);
    },
    // Whether this is a terminal was decided once, at the start: styleText would ask the process again.
    mark: (text, meaning) => (colour ? styleText(styles[meaning], text, { validateStream: false }) : text),
  };
}
