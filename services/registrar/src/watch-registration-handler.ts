import { GrpcCode, type RegistrarCalls, ServiceFault } from '@rollcall/rpc';
import { ContactWatch, type ContactWatchParts } from './contact-watch.ts';

/** Most watches of one process. */
const maxWatches = 10_000;

/** WatchRegistration, and how to end all watches. */
export interface WatchRegistrationHandler extends Pick<RegistrarCalls, 'watchRegistration'> {
  /** Watches that are open. */
  readonly count: () => number;
  close(): void;
}

/** Makes the handler of WatchRegistration. */
export function createWatchRegistrationHandler(parts: ContactWatchParts): WatchRegistrationHandler {
  const watches = new Set<ContactWatch>();
  return {
    watchRegistration: (request, sink) => {
      if (watches.size >= maxWatches)
        throw new ServiceFault(
          GrpcCode.RESOURCE_EXHAUSTED,
          'TOO_MANY_WATCHES',
          `more than ${maxWatches} watches`,
        );
      const watch = new ContactWatch(parts, request, sink, () => watches.delete(watch));
      watches.add(watch);
      return watch;
    },
    count: () => watches.size,
    close: () => {
      for (const watch of [...watches]) watch.cancel();
    },
  };
}
