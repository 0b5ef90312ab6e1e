import type { Logger } from '@rollcall/runtime';
import type { ChangeFeed } from './change-feed.ts';

/** Logs one line for each change of a binding; contacts are as personal as AORs, and named alike. */
export function logChanges(feed: ChangeFeed, logger: Logger, nameAor: (aor: string) => string): void {
  feed.subscribe(({ aor, change, binding, atMs }) => {
    if (binding === undefined) {
      logger.info({ change, aor: nameAor(aor) }, `all bindings ${change}`);
      return;
    }
    const expiresSec = Math.max(0, Math.round((binding.expiresAtMs - atMs) / 1000));
    logger.info(
      {
        change,
        aor: nameAor(aor),
        contact: nameAor(binding.uri),
        expiresSec,
        received: binding.flow?.remoteAddress,
        edge: binding.flow?.edge,
        userAgent: binding.userAgent,
        callId: binding.callId,
        cseq: binding.cseq,
      },
      `binding ${change}`,
    );
  });
}
