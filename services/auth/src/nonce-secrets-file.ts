import { readFile } from 'node:fs/promises';
import type { Clock, Logger } from '@rollcall/runtime';

/** What watching the file of AUTH_NONCE_SECRETS_FILE needs. */
export interface NonceSecretsFileOptions {
  readonly path: string;
  /** The secrets in use so far. */
  readonly current: readonly string[];
  /** Reads secrets from a text; undefined where they are not what they must be. */
  readonly read: (text: string) => readonly string[] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of new secrets. */
  onChange(secrets: readonly string[]): void;
  /** Called for each change of the file that matters. */
  onReload(result: 'success' | 'failure'): void;
}

/** Often enough for a rotation to be over in a second; it is a small file. */
const pollIntervalMs = 500;

/**
 * Reads the nonce secrets again when their file changes, however it is put in place, so that they are rotated without a
 * restart. What cannot be used leaves the secrets as they are.
 */
export class NonceSecretsFile {
  readonly #options: NonceSecretsFileOptions;
  #current: string;
  /** What could not be used, so that it is told once. */
  #refused: string | undefined;
  #timer: { cancel(): void } | undefined;
  #closed = false;

  constructor(options: NonceSecretsFileOptions) {
    this.#options = options;
    this.#current = options.current.join(' ');
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { path, clock } = this.#options;
    const text = await readFile(path, 'utf8').catch(() => '');
    if (this.#closed) return;
    this.#take(text);
    this.#timer = clock.after(pollIntervalMs, () => void this.#look());
  }

  #take(text: string): void {
    const { path, read, logger, onChange, onReload } = this.#options;
    // None at all would mean random ones: nobody who edits a file wants every replica to have its own.
    const secrets = read(text);
    if (secrets === undefined || secrets.length === 0) {
      if (this.#refused === text) return;
      this.#refused = text;
      logger.error({ path }, 'the nonce secrets cannot be used; the previous ones stay in use');
      onReload('failure');
      return;
    }
    this.#refused = undefined;
    if (secrets.join(' ') === this.#current) return;
    this.#current = secrets.join(' ');
    onChange(secrets);
    logger.info({ path, secrets: secrets.length }, 'nonce secrets read again');
    onReload('success');
  }
}
