import { statSync } from 'node:fs';
import type { Clock, Timer } from './clock.ts';

/** What watching files needs. */
export interface FileChangesParts {
  readonly paths: readonly string[];
  /** Some of them have changed, and are as they were at the last look. */
  readonly onChange: () => void;
  readonly clock: Clock;
}

/** Certificates are renewed weeks before their end: seconds do not matter. */
const pollMs = 2000;

/**
 * Tells of changed files that belong together. They change one after the other, and while they are written: only what
 * has stayed the same from one look to the next is told.
 */
export class FileChanges {
  readonly #parts: FileChangesParts;
  #used: string;
  #seen: string;
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: FileChangesParts) {
    this.#parts = parts;
    this.#used = this.#sign();
    this.#seen = this.#used;
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = this.#parts.clock.after(pollMs, () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    const signature = this.#sign();
    const settled = signature === this.#seen;
    this.#seen = signature;
    if (!settled || signature === this.#used) return;
    this.#used = signature;
    this.#parts.onChange();
  }

  /** What changes whenever a file does, also where a link on its path is turned (Kubernetes Secrets). */
  #sign(): string {
    return this.#parts.paths.map(signFile).join('|');
  }
}

function signFile(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return String(error);
  }
}
