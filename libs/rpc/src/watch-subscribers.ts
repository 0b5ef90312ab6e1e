import type { OpenPacedStream, SubscribersSink, Watch } from './calls.ts';
import type {
  WatchSubscribersRequest,
  WatchSubscribersResponse,
} from './gen/rollcall/auth/v1/auth_service.ts';

/** WatchSubscribers for a reader that is never slow. It ends with its backend; who watches opens another, and gets a snapshot. */
export function watchSubscribersBy(
  open: OpenPacedStream<WatchSubscribersRequest, WatchSubscribersResponse>,
): (watcher: string, sink: SubscribersSink) => Watch {
  return (watcher, sink) =>
    open(
      { watcher },
      {
        onResponse: (event) => {
          sink.onEvent(event);
          return true;
        },
        onEnd: () => sink.onEnd(),
      },
    );
}
