import { createLogger, Metrics } from '@rollcall/runtime';
import { ManualClock } from '@rollcall/testkit';
import { expect, it } from 'vitest';
import { addLocationMetrics } from '../metrics.ts';
import { MemoryBindingStore } from '../store/memory-binding-store.ts';
import { createWatchHandler } from './watch-handler.ts';

it('TOO_MANY_WATCHES: a thousand run at once, and an ended one makes room', async () => {
  const clock = new ManualClock(1_800_000_000_000);
  const metrics = addLocationMetrics(new Metrics());
  const store = new MemoryBindingStore({ maxAors: 10, watchHistory: 16, clock, metrics });
  const logger = createLogger({ service: 'location', level: 'silent', format: 'json' });
  const handler = createWatchHandler({ store, clock, logger, metrics });
  const request = { aors: ['sip:a@example.com'], domain: '', resumeToken: '', skipInitialState: false };
  const open = () => handler.watchRegistrations(request, { onResponse: () => true, onEnd: () => undefined });
  const watches = Array.from({ length: 1000 }, open);
  expect(open).toThrow(expect.objectContaining({ code: 8, reason: 'TOO_MANY_WATCHES', retryAfterMs: 1000 }));
  watches[0]?.cancel();
  expect(open).not.toThrow();
  await handler.close();
});
