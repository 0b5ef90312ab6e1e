import type { RpcClock } from '@rollcall/rpc';

/** Real time. The one of @rollcall/runtime would bring a server's whole chassis into every client. */
export const clientClock: RpcClock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
