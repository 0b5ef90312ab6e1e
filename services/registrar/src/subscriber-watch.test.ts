import { describe, expect, it } from 'vitest';
import { FakeAuth, ManualClock } from '../test/fakes.ts';
import { SubscriberWatch } from './subscriber-watch.ts';

function watchOf(auth: FakeAuth, clock: ManualClock) {
  const heard: string[] = [];
  const watch = new SubscriberWatch({
    auth,
    clock,
    watcher: 'registrar-0',
    random: () => 0,
    listener: {
      onSnapshot: () => heard.push('snapshot'),
      onInvalidated: (subscribers) => heard.push(`invalidated ${subscribers.map((each) => each.username)}`),
      onLockout: (_realm, username, source, durationMs) =>
        heard.push(`lockout ${username} ${source} ${durationMs}`),
      onLiveChanged: (live) => heard.push(live ? 'live' : 'lost'),
    },
  });
  watch.start();
  return { watch, heard };
}

describe('the watch of subscribers', () => {
  it('knows nothing before the snapshot, and what auth says after it', () => {
    const clock = new ManualClock();
    const auth = new FakeAuth(clock);
    const { watch, heard } = watchOf(auth, clock);
    expect(watch.facts).toBeUndefined();
    expect(watch.live).toBe(false);
    auth.sendSnapshot();
    auth.sendInvalidated('alice');
    auth.sendLockout('bob', '192.0.2.66', 5000);
    expect(watch.live).toBe(true);
    expect(watch.facts?.servesDomain('example.com')).toBe(true);
    expect(watch.facts?.servesDomain('other.org')).toBe(false);
    expect(heard).toEqual(['snapshot', 'live', 'invalidated alice', 'lockout bob 192.0.2.66 5000']);
  });

  it('is lost after two seconds of silence, and opened again', () => {
    const clock = new ManualClock();
    const auth = new FakeAuth(clock);
    const { watch, heard } = watchOf(auth, clock);
    auth.sendSnapshot();
    clock.pass(1500);
    auth.sendHeartbeat();
    clock.pass(1900);
    expect(watch.live).toBe(true);
    clock.pass(100);
    expect(watch.live).toBe(false);
    clock.pass(1000);
    expect(heard).toEqual(['snapshot', 'live', 'lost']);
    expect(watch.facts).toBeDefined();
    expect(auth.watches).toHaveLength(1);
    auth.sendSnapshot();
    expect(watch.live).toBe(true);
  });

  it('is lost when the stream ends, and hears the abandoned stream no more', () => {
    const clock = new ManualClock();
    const auth = new FakeAuth(clock);
    const { watch, heard } = watchOf(auth, clock);
    auth.sendSnapshot();
    const [first] = auth.watches;
    auth.endWatches();
    expect(watch.live).toBe(false);
    first?.onEvent({ event: { $case: 'invalidated', value: { subscribers: [] } } });
    first?.onEnd();
    clock.pass(250);
    expect(auth.watches).toHaveLength(1);
    expect(watch.live).toBe(false);
    expect(heard).toEqual(['snapshot', 'live', 'lost']);
  });

  it('is opened again where it ends before it has begun, as in one process it may', () => {
    const clock = new ManualClock();
    const auth = new FakeAuth(clock);
    let refusals = 2;
    auth.onWatch = () => {
      refusals -= 1;
      if (refusals >= 0) auth.endWatches();
      else auth.sendSnapshot();
    };
    const { watch } = watchOf(auth, clock);
    expect(watch.live).toBe(false);
    clock.pass(500);
    expect(watch.live).toBe(true);
  });

  it('keeps trying, and stops when closed', () => {
    const clock = new ManualClock();
    const auth = new FakeAuth(clock);
    const { watch } = watchOf(auth, clock);
    for (let n = 0; n < 3; n += 1) {
      auth.endWatches();
      clock.pass(250);
      expect(auth.watches).toHaveLength(1);
    }
    watch.close();
    expect(auth.watches).toHaveLength(0);
    clock.pass(60_000);
    expect(auth.watches).toHaveLength(0);
  });
});
