import type { EndFlowsRequest } from '@rollcall/rpc';
import type { Logger } from '@rollcall/runtime';
import { ManualClock } from '@rollcall/testkit';
import type { Flow } from '@rollcall/transport';
import { beforeEach, describe, expect, it } from 'vitest';
import { EndedFlows } from './ended-flows.ts';

let clock: ManualClock;
let told: EndFlowsRequest['flows'][];
let fails: boolean;
let givenUp: number;
let ended: EndedFlows;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  fails = false;
  givenUp = 0;
  ended = new EndedFlows({
    endFlows: async ({ flows }) => {
      if (fails) throw new Error('nobody there');
      told.push(flows);
      return { removed: 1 };
    },
    edge: 'edge-1',
    clock,
    logger: { debug: () => undefined } as unknown as Logger,
    onGivenUp: (aors) => {
      givenUp += aors;
    },
  });
});

let flows = 0;
function openFlow(reliable = true) {
  flows += 1;
  return { reliable, open: true, flowToken: `s~${flows}` } as { open: boolean } & Flow;
}

/** Lets the timers of so many milliseconds run, and what they began settle. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('ended flows', () => {
  it('OB13: are told with what was registered by them, those of one moment together', async () => {
    const [one, other, third] = [openFlow(), openFlow(), openFlow()];
    ended.remember(one, 'sip:a@h');
    ended.remember(one, 'sip:b@h');
    ended.remember(one, 'sip:a@h');
    ended.remember(other, 'sip:c@h');
    ended.remember(third, 'sip:d@h');
    ended.onFlowClosed(one);
    ended.onFlowClosed(other);
    await pass(0);
    expect(told).toEqual([
      [
        { edge: 'edge-1', token: one.flowToken, aors: ['sip:a@h', 'sip:b@h'] },
        { edge: 'edge-1', token: other.flowToken, aors: ['sip:c@h'] },
      ],
    ]);
  });

  it('need no telling where nothing was registered, nor over UDP', async () => {
    const datagrams = openFlow(false);
    ended.remember(datagrams, 'sip:a@h');
    ended.onFlowClosed(datagrams);
    ended.onFlowClosed(openFlow());
    await pass(0);
    expect(told).toEqual([]);
  });

  it('that ended while the registrar was asked are told, too', async () => {
    const flow = openFlow();
    flow.open = false;
    ended.remember(flow, 'sip:a@h');
    await pass(0);
    expect(told).toEqual([[{ edge: 'edge-1', token: flow.flowToken, aors: ['sip:a@h'] }]]);
  });

  it('are told until somebody has heard it', async () => {
    fails = true;
    const flow = openFlow();
    ended.remember(flow, 'sip:a@h');
    ended.onFlowClosed(flow);
    await pass(0);
    await pass(500);
    expect(ended.waiting).toBe(1);
    fails = false;
    await pass(999);
    expect(told).toEqual([]);
    await pass(1);
    expect([told.length, ended.waiting]).toEqual([1, 0]);
  });

  it('are bounded: in a call, and while nobody hears', async () => {
    fails = true;
    for (let trunk = 0; trunk < 101; trunk += 1) {
      const flow = openFlow();
      for (let each = 0; each < 1001; each += 1) ended.remember(flow, `sip:${each}@h`);
      ended.onFlowClosed(flow);
    }
    expect(ended.waiting).toBe(100_000);
    expect(givenUp).toBe(101 + 1000);
    fails = false;
    await ended.close();
    expect(told[0]?.flatMap(({ aors }) => aors)).toHaveLength(500);
    expect(ended.waiting).toBe(0);
  });

  it('of an edge that stops are told at once, if anybody hears', async () => {
    fails = true;
    const flow = openFlow();
    ended.remember(flow, 'sip:a@h');
    ended.onFlowClosed(flow);
    await ended.close();
    expect(ended.waiting).toBe(1);
  });
});
