import type { DigestAlgorithm } from '@rollcall/digest';
import { type Clock, ConfigError, type ConfigProblem, type Logger } from '@rollcall/runtime';
import { authVariables, type SubscriberSource } from './config.ts';
import { FileSubscriberStore, SubscribersFileError } from './subscribers/file-subscriber-store.ts';
import { LayeredSubscriberStore } from './subscribers/layered-subscriber-store.ts';
import { PostgresLink } from './subscribers/remote/postgres-link.ts';
import { RemoteSubscriberStore } from './subscribers/remote/remote-subscriber-store.ts';
import { WebhookLink } from './subscribers/remote/webhook-link.ts';
import type { SubscriberStore } from './subscribers/subscriber-store.ts';

/** What opening sources needs. */
export interface OpenSubscribersParts {
  readonly algorithms: readonly DigestAlgorithm[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Password of a database or token for a webhook; empty for none. */
  readonly password: string;
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
  for (const source of sources) {
    try {
      opened.push(await open(source, parts));
    } catch (error) {
      problems.push(...problemsOf(error, source));
    }
  }
  if (problems.length > 0) {
    await Promise.all(opened.map((store) => store.close()));
    throw new ConfigError(problems);
  }
  const [only] = opened;
  return opened.length === 1 && only !== undefined ? only : new LayeredSubscriberStore(opened);
}

/** What an operator can mend; anything else is thrown again. */
function problemsOf(error: unknown, source: SubscriberSource): ConfigProblem[] {
  const { name: variable, mask } = authVariables.subscribers;
  if (source.kind === 'file') {
    if (!(error instanceof SubscribersFileError)) throw error;
    return error.problems.map((problem) => ({ variable, value: `file:${source.path}`, problem }));
  }
  // The address of a database may name files: its authority's certificate, our own and the key.
  if (!(error instanceof Error) || !('path' in error) || !('code' in error)) throw error;
  const problem = `names a file that cannot be read: ${String(error.path)} (${String(error.code)})`;
  return [{ variable, value: mask(source.url), problem }];
}

/** A file has to be usable; what is reached over the network may come later, and auth is not ready until then. */
async function open(source: SubscriberSource, parts: OpenSubscribersParts): Promise<SubscriberStore> {
  const { password, clock } = parts;
  switch (source.kind) {
    case 'file':
      return FileSubscriberStore.open({ path: source.path, ...parts });
    case 'postgres':
      return RemoteSubscriberStore.open(new PostgresLink({ url: source.url, password, clock }), parts);
    case 'webhook':
      return RemoteSubscriberStore.open(new WebhookLink({ url: source.url, token: password, clock }), parts);
  }
}
