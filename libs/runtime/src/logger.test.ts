import { describe, expect, it } from 'vitest';
import { aorInLogs } from './aor-in-logs.ts';
import { createLogger, type LoggerOptions } from './logger.ts';

function logTo(lines: string[], extra: Partial<LoggerOptions> = {}) {
  const destination = { write: (line: string) => void lines.push(line) };
  return createLogger({ service: 'auth', level: 'info', format: 'json', destination, ...extra });
}

describe('logger', () => {
  it('writes JSON with service, level as a word and time', () => {
    const lines: string[] = [];
    logTo(lines).warn({ callId: 'x' }, 'text');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      service: 'auth',
      level: 'warn',
      callId: 'x',
      msg: 'text',
    });
    expect(JSON.parse(lines[0] ?? '')).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/));
  });

  it.each(['authorization', 'response', 'nonce', 'password', 'ha1', 'cnonce', 'credentials'])(
    'never writes %s, down to two levels deep',
    (field) => {
      const lines: string[] = [];
      logTo(lines).info({ [field]: 'hunter2', a: { [field]: 'hunter2', b: { [field]: 'hunter2' } } }, 'text');
      expect(lines[0]).not.toContain('hunter2');
      expect(lines[0]).toContain('[redacted]');
    },
  );

  it('counts what it writes, by level', () => {
    const levels: string[] = [];
    const logger = logTo([], { onMessage: (level) => void levels.push(level) });
    logger.info('a');
    logger.debug('not written');
    logger.error({ err: new Error('x') }, 'b');
    expect(levels).toEqual(['info', 'error']);
  });
});

describe('AORs in logs', () => {
  it('are a short hash by default, the same everywhere', () => {
    expect(aorInLogs('hash')('sip:alice@example.com')).toMatch(/^[0-9a-f]{12}$/);
    expect(aorInLogs('hash')('sip:alice@example.com')).toBe(aorInLogs('hash')('sip:alice@example.com'));
    expect(aorInLogs('hash')('sip:alice@example.com')).not.toBe(aorInLogs('hash')('sip:bob@example.com'));
  });

  it('are plain where wanted', () => {
    expect(aorInLogs('plain')('sip:alice@example.com')).toBe('sip:alice@example.com');
  });
});
