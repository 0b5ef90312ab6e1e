import type { LocationApiCalls } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import { tooManyWatches } from '../faults.ts';
import type { LocationMetrics } from '../metrics.ts';
import type { BindingStore } from '../store/binding-store.ts';
import { ChangeTail } from './change-tail.ts';
import { RegistrationWatch } from './registration-watch.ts';
import { readResumeToken } from './resume-token.ts';
import { readScope } from './watch-scope.ts';

/** Most watches of one process; each costs little until its reader is slow. */
const maxWatches = 1000;

/** WatchRegistrations, and how to end all watches. */
export interface WatchHandler extends Pick<LocationApiCalls, 'watchRegistrations'> {
  close(): Promise<void>;
}

/** Makes the handler of WatchRegistrations. */
export function createWatchHandler(parts: {
  store: BindingStore;
  clock: Clock;
  logger: Logger;
  metrics: LocationMetrics;
}): WatchHandler {
  const tail = new ChangeTail(parts);
  const { metrics } = parts;
  const watches = new Set<RegistrationWatch>();
  return {
    watchRegistrations: (request, sink) => {
      const scope = readScope(request);
      const { resumeToken, skipInitialState } = request;
      const resume = resumeToken === '' ? undefined : readResumeToken(resumeToken, scope);
      if (watches.size >= maxWatches) throw tooManyWatches(maxWatches);
      const start = { scope, resume, skipInitialState };
      const watch = new RegistrationWatch({ ...parts, tail }, start, sink, () => {
        watches.delete(watch);
        metrics.watches.set(watches.size);
      });
      watches.add(watch);
      metrics.watches.set(watches.size);
      return watch;
    },
    close: async () => {
      for (const watch of [...watches]) watch.cancel();
      await tail.close();
    },
  };
}
