import type { Logger } from '@rollcall/runtime';
import { ManualClock } from '@rollcall/testkit';
import { describe, expect, it } from 'vitest';
import { OutageLog } from './outage-log.ts';

function make() {
  const clock = new ManualClock();
  const lines: string[] = [];
  const logger = {
    info: (text: string) => lines.push(text),
    warn: (text: string) => lines.push(text),
  } as unknown as Logger;
  const log = new OutageLog({ variable: 'LOCATION_STORE', meanwhile: 'phones get 503', clock, logger });
  return { clock, lines, log };
}

const refused = 'connect ECONNREFUSED 127.0.0.1:6379';

describe('OutageLog', () => {
  it('says why Redis cannot be used once, whatever the number of attempts', () => {
    const { clock, lines, log } = make();
    for (let attempt = 0; attempt < 100; attempt += 1) {
      log.failed(refused);
      clock.advance(500);
    }
    expect(lines).toEqual([
      `Redis cannot be used: ${refused} (check LOCATION_STORE); until it answers phones get 503`,
    ]);
  });

  it('says another reason, but not one every attempt', () => {
    const { clock, lines, log } = make();
    for (let attempt = 0; attempt < 60; attempt += 1) {
      log.failed(attempt % 2 === 0 ? refused : 'getaddrinfo ENOTFOUND redis');
      clock.advance(500);
    }
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.length).toBeLessThanOrEqual(3);
  });

  it('begins anew once Redis was there', () => {
    const { lines, log } = make();
    log.failed(refused);
    log.ready();
    log.failed(refused);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe('connected to Redis');
  });

  it.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'LOCATION_STORE_PASSWORD_FILE'],
    ['NOAUTH HELLO must be called with the client already authenticated', 'LOCATION_STORE_PASSWORD_FILE'],
    ['self-signed certificate in certificate chain', 'LOCATION_STORE_CA_FILE'],
    ['connect ETIMEDOUT', 'whether it is TLS'],
  ])('names what to look at: %s', (problem, advice) => {
    const { lines, log } = make();
    log.failed(problem);
    expect(lines[0]).toContain(problem.replace(/\.$/, ' ('));
    expect(lines[0]).toContain(advice);
  });
});
