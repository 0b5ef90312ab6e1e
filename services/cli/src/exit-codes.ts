/** What the command's exit code says; scripts and canaries rely on it. */
export const exitCodes = {
  /** Done, and the answer is a good one. */
  fine: 0,
  /** Answered, but negatively: refused, unknown, not registered. */
  refused: 1,
  /** The command was not written as it must be. */
  usage: 2,
  /** Nobody answered in time. */
  noAnswer: 3,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a message that says what to do. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}
