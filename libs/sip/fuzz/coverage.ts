import { type Profiler, Session } from 'node:inspector';

const watchedUrl = new URL('../src/', import.meta.url).href;

/**
 * Which blocks of this library's sources ran, by V8's own precise coverage: it needs no instrumentation of the sources and
 * no native module.
 */
export class Coverage {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    this.take();
  }

  /** The blocks that ran since the last call, with how often in powers of two. */
  take(): string[] {
    const taken = this.#post('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType;
    const blocks: string[] = [];
    for (const script of taken.result) {
      if (!script.url.startsWith(watchedUrl)) continue;
      for (const { ranges } of script.functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0)
            blocks.push(`${script.scriptId}:${startOffset}-${endOffset}x${32 - Math.clz32(count)}`);
        }
      }
    }
    return blocks;
  }

  /** The answer to a command, which this session gives before post returns. */
  #post(method: string, params?: object): unknown {
    let answer: unknown;
    this.#session.post(method, params, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}
