/** Lines as they are written, kept for a message about a failure, and waited for. */
export class LineLog {
  readonly #lines: string[] = [];
  readonly #watchers = new Set<(line: string) => void>();

  add(line: string): void {
    this.#lines.push(line);
    for (const watcher of this.#watchers) watcher(line);
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  /**
   * The first line that matches and is written from now on.
   *
   * @throws Error with everything written, where none comes in time
   */
  next(matches: (line: string) => boolean, what: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const watcher = (line: string) => {
        if (!matches(line)) return;
        end();
        resolve(line);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`no line with ${what} within ${timeoutMs} ms; there was:\n${this.text}`));
      }, timeoutMs);
      const end = () => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
      };
      this.#watchers.add(watcher);
    });
  }
}
