import { ManualClock } from '@rollcall/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TimerOwner, TimerWheel, WheelTimer } from './timer-wheel.ts';

class Owner implements TimerOwner {
  readonly firedAtMs: number[] = [];
  readonly #clock: ManualClock;
  readonly #then: () => void;

  constructor(clock: ManualClock, andThen: () => void = () => undefined) {
    this.#clock = clock;
    this.#then = andThen;
  }

  onTimer(): void {
    this.firedAtMs.push(this.#clock.nowMs());
    this.#then();
  }
}

function setUp(tickMs = 20) {
  const clock = new ManualClock(0);
  return { clock, wheel: new TimerWheel(clock, tickMs), owner: new Owner(clock) };
}

describe('timer wheel', () => {
  it('asks the clock for one timer, and only while something is started', () => {
    const { clock, wheel, owner } = setUp();
    const timers = Array.from({ length: 50 }, () => new WheelTimer(owner));
    for (const timer of timers) wheel.start(timer, 100);
    expect(clock.pending).toBe(1);
    expect(wheel.size).toBe(50);
    clock.advance(100);
    expect(owner.firedAtMs).toHaveLength(50);
    expect(clock.pending).toBe(0);
    expect(wheel.size).toBe(0);
  });

  it('fires at the time or up to one tick later, whatever the delays (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ delayMs: fc.nat(200_000), pauseMs: fc.nat(500) }), { maxLength: 30 }),
        (starts) => {
          const { clock, wheel } = setUp();
          const due: { owner: Owner; atMs: number }[] = [];
          for (const { delayMs, pauseMs } of starts) {
            clock.advance(pauseMs);
            const owner = new Owner(clock);
            due.push({ owner, atMs: clock.nowMs() + delayMs });
            wheel.start(new WheelTimer(owner), delayMs);
          }
          clock.advance(201_000);
          for (const { owner, atMs } of due) {
            expect(owner.firedAtMs).toHaveLength(1);
            expect(owner.firedAtMs[0]).toBeGreaterThanOrEqual(atMs);
            expect(owner.firedAtMs[0]).toBeLessThanOrEqual(atMs + 20);
          }
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('does not fire what was stopped, also by another timer of the same tick', () => {
    const { clock, wheel, owner } = setUp();
    const second = new WheelTimer(owner);
    const first = new WheelTimer(new Owner(clock, () => wheel.stop(second)));
    wheel.start(first, 40);
    wheel.start(second, 40);
    clock.advance(100);
    expect(owner.firedAtMs).toEqual([]);
    wheel.stop(second);
    expect(clock.pending).toBe(0);
  });

  it('starts a timer anew, also from its own callback', () => {
    const { clock, wheel } = setUp();
    let rounds = 0;
    const owner: TimerOwner = {
      onTimer: (timer) => {
        rounds += 1;
        if (rounds < 3) wheel.start(timer, 0);
      },
    };
    const timer = new WheelTimer(owner);
    wheel.start(timer, 20);
    wheel.start(timer, 40);
    clock.advance(20);
    expect(rounds).toBe(0);
    clock.advance(20);
    expect(rounds).toBe(1);
    clock.advance(40);
    expect(rounds).toBe(3);
    expect(timer.active).toBe(false);
  });

  it('leaves timers of later turns alone that share the slot', () => {
    const { clock, wheel, owner } = setUp();
    const later = new Owner(clock);
    wheel.start(new WheelTimer(later), 2_048 * 20 + 40);
    wheel.start(new WheelTimer(owner), 40);
    clock.advance(1_000);
    expect(owner.firedAtMs).toEqual([40]);
    expect(later.firedAtMs).toEqual([]);
    clock.advance(41_000);
    expect(later.firedAtMs).toEqual([41_000]);
  });

  it('goes on from a wall clock that was set back', () => {
    const { clock, wheel, owner } = setUp();
    wheel.start(new WheelTimer(owner), 1_000);
    clock.advance(500);
    clock.jump(-3_600_000);
    clock.advance(520);
    expect(owner.firedAtMs).toHaveLength(1);
  });

  it('fires all that are due, once, after the process stood still', () => {
    const { clock, wheel, owner } = setUp();
    const far = new Owner(clock);
    wheel.start(new WheelTimer(owner), 20);
    wheel.start(new WheelTimer(owner), 30_000);
    wheel.start(new WheelTimer(far), 7_200_000);
    clock.jump(3_600_000);
    clock.advance(20);
    expect(owner.firedAtMs).toHaveLength(2);
    expect(far.firedAtMs).toEqual([]);
    clock.advance(3_600_000);
    expect(far.firedAtMs).toHaveLength(1);
  });

  it('goes on turning when a callback throws', () => {
    const { clock, wheel, owner } = setUp();
    const thrower = new Owner(clock, () => {
      throw new Error('boom');
    });
    wheel.start(new WheelTimer(thrower), 20);
    wheel.start(new WheelTimer(owner), 20);
    expect(() => clock.advance(20)).toThrow('boom');
    clock.advance(40);
    expect(owner.firedAtMs).toHaveLength(1);
  });

  it('close stops all', () => {
    const { clock, wheel, owner } = setUp();
    wheel.start(new WheelTimer(owner), 20);
    wheel.start(new WheelTimer(owner), 90_000);
    wheel.close();
    expect(wheel.size).toBe(0);
    expect(clock.pending).toBe(0);
    clock.advance(100_000);
    expect(owner.firedAtMs).toEqual([]);
  });
});
