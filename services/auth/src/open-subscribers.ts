import type { DigestAlgorithm } from '@rollcall/digest';
import { type Clock, ConfigError, type ConfigProblem, type Logger } from '@rollcall/runtime';
import { authVariables, type SubscriberSource } from './config.ts';
import { FileSubscriberStore, SubscribersFileError } from './subscribers/file-subscriber-store.ts';
import { LayeredSubscriberStore } from './subscribers/layered-subscriber-store.ts';
import type { SubscriberStore } from './subscribers/subscriber-store.ts';

/** What opening sources needs. */
export interface OpenSubscribersParts {
  readonly algorithms: readonly DigestAlgorithm[];
  readonly clock: Clock;
  readonly logger: Logger;
  onReload(result: 'success' | 'failure'): void;
}

/**
 * Opens every source of AUTH_SUBSCRIBERS.
 *
 * @throws ConfigError with every problem of every source, each with its line
 */
export async function openSubscribers(
  sources: readonly SubscriberSource[],
  parts: OpenSubscribersParts,
): Promise<SubscriberStore> {
  const opened: SubscriberStore[] = [];
  const problems: ConfigProblem[] = [];
  for (const { path } of sources) {
    try {
      opened.push(await FileSubscriberStore.open({ path, ...parts }));
    } catch (error) {
      if (!(error instanceof SubscribersFileError)) throw error;
      const variable = authVariables.subscribers.name;
      for (const problem of error.problems) problems.push({ variable, value: `file:${path}`, problem });
    }
  }
  if (problems.length > 0) {
    await Promise.all(opened.map((store) => store.close()));
    throw new ConfigError(problems);
  }
  const [only] = opened;
  return opened.length === 1 && only !== undefined ? only : new LayeredSubscriberStore(opened);
}
