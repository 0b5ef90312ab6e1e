import { createLogger } from '@rollcall/runtime';
import { expect, it } from 'vitest';
import { ChangeFeed } from './change-feed.ts';
import { logChanges } from './change-log.ts';

it('logs one line for each change, and names AORs and contacts as configured', () => {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ service: 'location', level: 'info', format: 'json', destination });
  const feed = new ChangeFeed(logger);
  logChanges(feed, logger, (text) => `<${text.length}>`);
  const binding = {
    uri: 'sip:a@192.0.2.1',
    params: '',
    expiresAtMs: 61_000,
    instanceId: '',
    regId: 0,
    path: [],
    flow: undefined,
    registeredAtMs: 1000,
    callId: 'c',
    cseq: 3,
    branch: '',
    userAgent: 'phone',
  };
  feed.publish('sip:alice@h', [{ change: 'created', binding }], 1000);
  feed.publish('sip:alice@h', [{ change: 'expired', binding: undefined }], 99_000);
  expect(lines).toMatchObject([
    { msg: 'binding created', change: 'created', aor: '<11>', contact: '<15>', expiresSec: 60, cseq: 3 },
    { msg: 'all bindings expired', change: 'expired', aor: '<11>' },
  ]);
});
