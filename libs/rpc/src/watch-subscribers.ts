import { Metadata } from '@grpc/grpc-js';
import type { BackendPool } from './backend-pool.ts';
import type { SubscribersSink, Watch } from './calls.ts';
import type { WatchSubscribersResponse } from './gen/rollcall/auth/v1/auth_service.ts';
import { encodeMessage } from './message-writer.ts';
import { pathOf } from './methods.ts';
import { authMethods } from './service-methods.ts';
import { decodeMessage } from './text-reader.ts';

/** Opens WatchSubscribers on one backend. It ends with that backend; who watches opens another, and gets a snapshot. */
export function watchSubscribersOf(pool: BackendPool): (watcher: string, sink: SubscribersSink) => Watch {
  const method = authMethods.watchSubscribers;
  return (watcher, sink) => {
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      sink.onEnd();
    };
    const backend = pool.pick((each) => each.inFlight);
    if (backend === undefined) {
      // Never from within the call: the caller does not have its watch yet.
      setImmediate(end);
      return {
        cancel: () => {
          over = true;
        },
      };
    }
    const call = backend.client.makeServerStreamRequest(
      pathOf(method),
      (request: Parameters<typeof method.request.encode>[0]) => encodeMessage(method.request, request),
      (bytes: Buffer) => decodeMessage(method.response, bytes),
      { watcher },
      new Metadata(),
      {},
    );
    call.on('data', (event: WatchSubscribersResponse) => {
      if (!over) sink.onEvent(event);
    });
    call.on('error', end);
    call.on('status', end);
    return {
      cancel: () => {
        over = true;
        call.cancel();
      },
    };
  };
}
