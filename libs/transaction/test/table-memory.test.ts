import { describe, expect, it } from 'vitest';
import { makeRequest, responseBytes } from './messages.ts';
import { ServerFixture } from './server-fixture.ts';

describe('the table of server transactions', () => {
  it('T12: 100,000 transactions leave nothing behind, not even a timer', () => {
    const fixture = new ServerFixture({ timers: { tickMs: 200 } });
    const request = makeRequest();
    for (let index = 0; index < 100_000; index += 1) {
      fixture.transactions.receive(makeRequest({ branch: `z9hG4bK${index}` }), fixture.path);
      if (index % 2 === 0) fixture.last.respond(200, responseBytes(request, 200));
    }
    expect(fixture.transactions.size).toBe(100_000);
    expect(fixture.transactions.liveCount).toBe(50_000);
    expect(fixture.clock.pending).toBe(1);
    fixture.clock.advance(33_000);
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.transactions.liveCount).toBe(0);
    expect(fixture.clock.pending).toBe(0);
  });
});
