import { describe, expect, it } from 'vitest';
import { AnswerLog, type AnswerLogLimits } from './answer-log.ts';

const limits: AnswerLogLimits = { lifetimeMs: 32_000, maxAnswers: 100_000, maxBytes: 1 << 30 };

function open(changed: Partial<AnswerLogLimits> = {}): AnswerLog {
  return new AnswerLog({ ...limits, ...changed }, 12_345);
}

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

describe('AnswerLog', () => {
  it('gives each request its own answer, byte for byte, however many there are', () => {
    const log = open();
    for (let index = 0; index < 50_000; index += 1)
      log.keep(`key ${index}`, bytesOf(`answer ${index}\xff`), index);
    expect(log.size).toBe(50_000);
    for (let index = 49_000; index < 50_000; index += 1)
      expect(log.find(`key ${index}`, 50_000)).toEqual(bytesOf(`answer ${index}\xff`));
    expect(log.find('key 50000', 50_000)).toBeUndefined();
  });

  it('knows an answer for its lifetime, and lets it go afterwards', () => {
    const log = open();
    log.keep('a', bytesOf('1'), 1000);
    log.keep('b', bytesOf('2'), 2000);
    expect(log.nextEndMs).toBe(33_000);
    expect(log.find('a', 32_999)).toEqual(bytesOf('1'));
    expect(log.find('a', 33_000)).toBeUndefined();
    log.dropOver(33_000);
    expect(log.size).toBe(1);
    expect(log.nextEndMs).toBe(34_000);
    expect(log.find('b', 33_000)).toEqual(bytesOf('2'));
  });

  it('holds nothing for longer where the clock is set back', () => {
    const log = open();
    log.keep('a', bytesOf('1'), 3_600_000);
    expect(log.find('a', 0)).toBeUndefined();
    log.dropOver(0);
    expect(log.size).toBe(0);
    expect(log.nextEndMs).toBeUndefined();
  });

  it('gives a key kept twice its last answer', () => {
    const log = open();
    log.keep('a', bytesOf('old'), 0);
    log.keep('a', bytesOf('new'), 1000);
    expect(log.find('a', 2000)).toEqual(bytesOf('new'));
    log.dropOver(32_500);
    expect(log.find('a', 32_500)).toEqual(bytesOf('new'));
  });

  it('gives up the oldest beyond its bounds, and says how many before their time', () => {
    const log = open({ maxAnswers: 2, maxBytes: 20 });
    expect(log.keep('a', bytesOf('123456789'), 0)).toBe(0);
    expect(log.keep('b', bytesOf('123456789'), 0)).toBe(0);
    expect(log.keep('c', bytesOf('1'), 0)).toBe(1);
    expect(log.find('a', 0)).toBeUndefined();
    expect(log.keep('d', bytesOf('1'.repeat(1000)), 0)).toBe(2);
    expect(log.size).toBe(1);
    expect(log.find('d', 0)?.length).toBe(1000);
    expect(log.keep('e', bytesOf('1'), 40_000)).toBe(0);
  });

  it('is right at any time with turnover, growth and answers of all sizes', () => {
    const log = open({ lifetimeMs: 3000 });
    const kept = new Map<string, { answer: string; endsAtMs: number }>();
    let random = 1;
    const next = (below: number) => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return (random >>> 8) % below;
    };
    for (let nowMs = 0; nowMs < 20_000; nowMs += 1) {
      const rush = nowMs > 8000 && nowMs < 9000 ? 4 : 1;
      for (let index = 0; index < rush; index += 1) {
        const key = `key ${next(30_000)}`;
        const answer = `${nowMs} `.repeat(1 + next(next(500) === 0 ? 40_000 : 60));
        log.keep(key, bytesOf(answer), nowMs);
        kept.set(key, { answer, endsAtMs: nowMs + 3000 });
      }
      if (nowMs % 200 === 0) log.dropOver(nowMs);
      if (nowMs % 1000 !== 999) continue;
      for (const [key, { answer, endsAtMs }] of kept) {
        const found = log.find(key, nowMs)?.toString('latin1');
        expect(found).toBe(nowMs < endsAtMs ? answer : undefined);
        if (endsAtMs <= nowMs) kept.delete(key);
      }
    }
    log.dropOver(30_000);
    expect(log.size).toBe(0);
  });

  it('does not tell the bytes it has from those that it gives away', () => {
    const log = open();
    log.keep('a', bytesOf('answer'), 0);
    log.find('a', 0)?.fill(0);
    expect(log.find('a', 0)).toEqual(bytesOf('answer'));
  });
});
