import type { WatchApi } from '@rollcall/client';
import type {
  PacedSink,
  RegistrationEvent,
  ServiceFault,
  WatchRegistrationsRequest,
  WatchRegistrationsResponse,
} from '@rollcall/rpc';

/** Location's watches, told what the test says. */
export class FakeRegistrations implements WatchApi {
  readonly watches: { request: WatchRegistrationsRequest; sink: PacedSink<WatchRegistrationsResponse> }[] =
    [];

  readonly whenReady: WatchApi['whenReady'] = async () => undefined;

  readonly watchRegistrations: WatchApi['watchRegistrations'] = (request, sink) => {
    const watch = { request, sink };
    this.watches.push(watch);
    return {
      resume: () => undefined,
      cancel: () => {
        this.watches.splice(this.watches.indexOf(watch), 1);
      },
    };
  };

  /** Tells all watches. */
  tell(events: RegistrationEvent[], resumeToken: string, initialStateComplete = false): void {
    for (const { sink } of [...this.watches]) sink.onResponse({ events, resumeToken, initialStateComplete });
  }

  /** All watches end, with a fault. */
  end(fault: ServiceFault): void {
    for (const { sink } of this.watches.splice(0)) sink.onEnd(fault);
  }
}
