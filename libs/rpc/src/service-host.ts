import type { CallerRule } from './callers.ts';
import type { ServerObserver } from './observer.ts';
import type { RpcClock } from './rpc-clock.ts';
import type { CallTracer } from './traced-call.ts';

/** A stream that a server serves. */
export interface OpenStream {
  /** True while nothing would be lost if it ended. */
  readonly idle: boolean;
  /** Asks the client to go. */
  drain(): void;
  /** Ends it. */
  end(): void;
}

/** What the methods of a service need of the server that serves them. */
export interface ServiceHost {
  readonly clock: RpcClock;
  readonly observer: ServerObserver;
  readonly tracer: CallTracer | undefined;
  readonly maxInFlight: number;
  /** Who may call what; undefined where everybody may who may connect. */
  readonly callers: CallerRule | undefined;
  readonly draining: boolean;
  opened(stream: OpenStream): void;
  closed(stream: OpenStream): void;
}
