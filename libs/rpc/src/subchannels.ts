import { connectivityState } from '@grpc/grpc-js';

/** What a channel to one address does, in the words of gRPC. */
export type SubchannelState = 'ready' | 'connecting' | 'transient_failure' | 'idle';

/** How many channels of a target are in each state. */
export type SubchannelCounts = Readonly<Record<SubchannelState, number>>;

/** Counts channels by their state; one that is shut down is none any more. */
export function countSubchannels(states: Iterable<connectivityState>): SubchannelCounts {
  const counts = { ready: 0, connecting: 0, transient_failure: 0, idle: 0 };
  for (const state of states) {
    if (state === connectivityState.READY) counts.ready += 1;
    else if (state === connectivityState.CONNECTING) counts.connecting += 1;
    else if (state === connectivityState.TRANSIENT_FAILURE) counts.transient_failure += 1;
    else if (state === connectivityState.IDLE) counts.idle += 1;
  }
  return counts;
}
