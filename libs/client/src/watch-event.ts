import { EventType, type PublicBinding, type RegistrationEvent } from '@rollcall/rpc';

/** What to watch. */
export type WatchScope = { readonly aors: readonly string[] } | { readonly domain: string };

/** How to watch. */
export interface WatchOptions {
  /** A token of an earlier watch of the same scope, perhaps of another process: goes on after it. */
  readonly resumeToken?: string;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** What a watch tells. */
export type WatchedEvent =
  | {
      /** `snapshot` is part of the state at the start; the rest are changes. */
      readonly type: 'snapshot' | 'created' | 'refreshed' | 'removed' | 'expired' | 'flow-failed';
      readonly aor: string;
      /** Which binding of the AOR; empty with `expired`: all of them. */
      readonly bindingId: string;
      /** The binding as it is, or last was; undefined where it is not known any more. */
      readonly binding: PublicBinding | undefined;
      /** Grows from change to change of one AOR. */
      readonly revision: number;
      readonly time: Date | undefined;
      /** For `removed`: true where an operator removed the binding, false where its phone did, or another one. */
      readonly byOperator: boolean;
      /** Goes on after this event; empty within the state at the start, and between events that came together. */
      readonly resumeToken: string;
    }
  /** Too much was missed to be told: forget what you know, the state is told anew. */
  | { readonly type: 'reset' }
  /** The state is complete: AORs of which nothing was told have no binding. */
  | { readonly type: 'complete'; readonly resumeToken: string };

const types = {
  [EventType.UNSPECIFIED]: undefined,
  [EventType.SNAPSHOT]: 'snapshot',
  [EventType.CREATED]: 'created',
  [EventType.REFRESHED]: 'refreshed',
  [EventType.REMOVED]: 'removed',
  [EventType.EXPIRED]: 'expired',
  [EventType.FLOW_FAILED]: 'flow-failed',
} as const;

/** An event in this package's words; undefined for a kind that a newer server knows. */
export function toWatchedEvent(event: RegistrationEvent, resumeToken: string): WatchedEvent | undefined {
  const type = types[event.type];
  if (type === undefined) return undefined;
  const { aor, bindingId, binding, revision, time, byOperator } = event;
  return { type, aor, bindingId, binding, revision, time, byOperator, resumeToken };
}
