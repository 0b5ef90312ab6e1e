import { GrpcCode, type RegistrarCalls, ServiceFault } from '@rollcall/rpc';
import { ContactWatch, type ContactWatchParts } from './contact-watch.ts';
import { concerns, WatchReview, type WatchReviewParts } from './watch-review.ts';

/** Most watches of one process. */
const maxWatches = 10_000;

/** WatchRegistration, and how to end all watches. */
export interface WatchRegistrationHandler extends Pick<RegistrarCalls, 'watchRegistration'> {
  /** Watches that are open. */
  readonly count: () => number;
  /** These subscribers have changed, or, with an empty list, all may have: whoever has lost its right is told. */
  review(subscribers: Parameters<typeof concerns>[0]): void;
  close(): void;
}

/** Makes the handler of WatchRegistration. */
export function createWatchRegistrationHandler(
  parts: ContactWatchParts & WatchReviewParts,
): WatchRegistrationHandler {
  const watches = new Set<ContactWatch>();
  const review = new WatchReview(parts);
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
      // It may have been granted by another registrar, some time ago.
      review.review([watch]);
      return watch;
    },
    count: () => watches.size,
    review: (subscribers) =>
      review.review([...watches].filter(({ granted }) => concerns(subscribers, granted))),
    close: () => {
      review.close();
      for (const watch of [...watches]) watch.cancel();
    },
  };
}
