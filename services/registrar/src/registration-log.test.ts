import { createLogger } from '@rollcall/runtime';
import { expect, it } from 'vitest';
import { ManualClock, registerRequest } from '../test/fakes.ts';
import type { RegisterOutcome } from './proto-mapping.ts';
import { RegistrationLog } from './registration-log.ts';
import { reject } from './rejection.ts';

function openLog(linesPerSecond: number, level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const clock = new ManualClock();
  const logger = createLogger({
    service: 'registrar',
    level,
    format: 'json',
    destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const log = new RegistrationLog({ logger, clock, nameAor: () => 'a1b2', linesPerSecond });
  return { lines, clock, log };
}

const request = registerRequest({
  callId: 'call-1',
  flow: { edge: 'edge-0', token: 't', transport: 2, localAddress: '', remoteAddress: '192.0.2.7:5062' },
});
const failed = reject(423, 'Interval Too Brief', 'interval_too_brief');
const granted = {
  kind: 'registered',
  plan: { operation: 'register', updates: [] },
  bindings: [],
} as unknown as RegisterOutcome;

it('says call-id, AOR, code, reason, duration, transport, edge, and of a failure its source', () => {
  const { log, lines } = openLog(10);
  log.write(request, failed, 12);
  expect(lines[0]).toMatchObject({
    level: 'info',
    msg: 'REGISTER',
    aor: 'a1b2',
    callId: 'call-1',
    code: 423,
    reason: 'interval_too_brief',
    durationMs: 12,
    transport: 'tcp',
    edge: 'edge-0',
    source: '192.0.2.7',
  });
  log.write(request, granted, 3);
  expect(lines[1]).toMatchObject({ code: 200, reason: 'register' });
  expect(lines[1]).not.toHaveProperty('source');
});

it('is a sample under load, which says how much it left out; failures are not crowded out', () => {
  const { log, lines, clock } = openLog(2);
  for (let count = 0; count < 100; count += 1) log.write(request, granted, 1);
  log.write(request, failed, 1);
  expect(lines.map(({ code }) => code)).toEqual([200, 200, 423]);
  clock.pass(1000);
  log.write(request, granted, 1);
  expect(lines[3]).toMatchObject({ code: 200, unsaid: 98 });
});

it('leaves nothing out at debug, writes nothing above info, and nothing at 0 lines a second', () => {
  const counts = [openLog(1, 'debug'), openLog(1, 'warn'), openLog(0)].map(({ log, lines }) => {
    for (let count = 0; count < 5; count += 1) log.write(request, granted, 1);
    return lines.length;
  });
  expect(counts).toEqual([5, 0, 0]);
});

it('names the trace of a request that is traced', () => {
  const { log, lines } = openLog(10);
  log.write(request, granted, 1, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
  log.write(request, granted, 1, '');
  expect(lines[0]).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c' });
  expect(lines[1]).not.toHaveProperty('traceId');
});
