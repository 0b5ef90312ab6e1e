import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DigestAlgorithm } from '@rollcall/digest';
import type { Clock, Logger } from '@rollcall/runtime';
import { ListSubscriberStore } from './list-subscriber-store.ts';
import type { FileRemark } from './read-items.ts';
import { SubscribersReader } from './read-subscribers.ts';
import type { Subscriber } from './subscriber.ts';

/** What a file store needs. */
export interface FileStoreOptions {
  readonly path: string;
  /** HA1 is computed for these. */
  readonly algorithms: readonly DigestAlgorithm[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for each reading after the first. */
  onReload?(result: 'success' | 'failure'): void;
}

/** The file cannot be used at start. Carries one text for each problem, "path:line: …". */
export class SubscribersFileError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SubscribersFileError';
    this.problems = problems;
  }
}

/** Some 350,000 subscribers, which take most of a minute to read at the start; more belongs into a database. */
const maxFileBytes = 32 * 1024 * 1024;

/** Notices a change that the system does not tell of (network file systems), in time for "within a second". */
const pollIntervalMs = 500;

/** Lets an editor finish: it truncates, writes, renames. */
const settleMs = 50;

/** How often a file that changes while it is read is read again. */
const maxAttempts = 5;

/**
 * Subscribers of a YAML file, read again when it changes. The directory is watched rather than the file, since editors
 * and Kubernetes put a new file in its place. A file that cannot be used leaves everything as it was.
 */
export class FileSubscriberStore extends ListSubscriberStore {
  readonly #options: FileStoreOptions;
  readonly #reader: SubscribersReader;
  #watcher: FSWatcher | undefined;
  #timer: { cancel(): void } | undefined;
  /** True while a reading is due within settleMs, which further events must not put off. */
  #settling = false;
  #signature: string;
  #problem: string | undefined;
  #busy: Promise<void> | undefined;
  #closed = false;

  private constructor(options: FileStoreOptions, reader: SubscribersReader, loaded: Loaded) {
    super(loaded.subscribers, 'file');
    this.#options = options;
    this.#reader = reader;
    this.#signature = loaded.signature;
    this.#watch();
    this.#schedule(pollIntervalMs);
  }

  /**
   * Reads the file and watches it from then on.
   *
   * @throws SubscribersFileError where the file cannot be used
   */
  static async open(options: FileStoreOptions): Promise<FileSubscriberStore> {
    const reader = new SubscribersReader(options.algorithms);
    const loaded = await load(options.path, reader, '');
    if (loaded.kind === 'unusable') throw new SubscribersFileError(loaded.problems);
    if (loaded.kind === 'unchanged') throw new SubscribersFileError([`${options.path}: cannot be read`]);
    warn(options, loaded.warnings);
    return new FileSubscriberStore(options, reader, loaded);
  }

  /** Undefined while the file is in use as it is; else what is wrong with it. It does not make auth unready. */
  get problem(): string | undefined {
    return this.#problem;
  }

  override async close(): Promise<void> {
    this.#closed = true;
    this.#watcher?.close();
    this.#timer?.cancel();
    await this.#busy;
  }

  #watch(): void {
    try {
      this.#watcher = watch(dirname(this.#options.path), { persistent: false }, () => this.#onEvent());
      this.#watcher.on('error', (error) => {
        this.#options.logger.warn(
          { err: error },
          'the directory of the subscribers file is not watched any more; polling',
        );
        this.#watcher?.close();
      });
    } catch (error) {
      this.#options.logger.warn(
        { err: error },
        'the directory of the subscribers file cannot be watched; polling',
      );
    }
  }

  #onEvent(): void {
    if (this.#settling) return;
    this.#settling = true;
    this.#schedule(settleMs);
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#settling = false;
      // One reading at a time; what an event during one was about is seen by the next poll.
      this.#busy ??= this.#reload().finally(() => {
        this.#busy = undefined;
        this.#schedule(pollIntervalMs);
      });
    });
  }

  async #reload(): Promise<void> {
    const { logger, path } = this.#options;
    const loaded = await load(path, this.#reader, this.#signature);
    if (loaded.kind === 'unchanged' || this.#closed) return;
    this.#signature = loaded.signature;
    if (loaded.kind === 'unusable') {
      this.#problem = loaded.problems.join('; ');
      logger.error(
        { path, problems: loaded.problems },
        'the subscribers file is not usable; the previous content stays in use',
      );
      this.#options.onReload?.('failure');
      return;
    }
    this.#problem = undefined;
    warn(this.#options, loaded.warnings);
    const changed = this.replace(loaded.subscribers);
    logger.info(
      { path, subscribers: this.count(), changed: changed ?? 'many' },
      'subscribers file read again',
    );
    this.#options.onReload?.('success');
  }
}

interface Loaded {
  readonly kind: 'loaded';
  readonly signature: string;
  readonly subscribers: readonly Subscriber[];
  readonly warnings: readonly FileRemark[];
}

type LoadResult =
  | Loaded
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'unusable'; readonly signature: string; readonly problems: readonly string[] };

async function load(path: string, reader: SubscribersReader, known: string): Promise<LoadResult> {
  let signature = '';
  try {
    for (let attempt = 1; ; attempt += 1) {
      const before = await sign(path);
      if (before.signature === known) return { kind: 'unchanged' };
      signature = before.signature;
      if (before.bytes > maxFileBytes) {
        return { kind: 'unusable', signature, problems: [`${path}: is larger than ${maxFileBytes} bytes`] };
      }
      const text = await readFile(path, 'utf8');
      const after = await sign(path);
      // Half of a file can be valid YAML: what changed while it was read is read again.
      if (after.signature !== signature && attempt < maxAttempts) continue;
      const read = await reader.read(text);
      if (!read.ok)
        return { kind: 'unusable', signature, problems: read.problems.map((each) => place(path, each)) };
      return { kind: 'loaded', signature, subscribers: read.subscribers, warnings: read.warnings };
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'cannot be read';
    const failed = `failed: ${problem}`;
    if (failed === known) return { kind: 'unchanged' };
    return { kind: 'unusable', signature: failed, problems: [`${path}: ${problem}`] };
  }
}

/** What changes whenever the file does, also where a link on its path is turned (Kubernetes ConfigMaps). */
async function sign(path: string): Promise<{ signature: string; bytes: bigint }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return { signature: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`, bytes: size };
}

function place(path: string, { line, text }: FileRemark): string {
  return `${path}:${line}: ${text}`;
}

function warn({ logger, path }: FileStoreOptions, warnings: readonly FileRemark[]): void {
  for (const warning of warnings.slice(0, 20))
    logger.warn({ problem: place(path, warning) }, 'the subscribers file is in use, but look at this');
}
