import type { Binding } from '@rollcall/bindings';
import type { Clock } from '@rollcall/runtime';
import { describe, expect, it } from 'vitest';
import type { BindingTable } from './binding-table.ts';
import { createEndFlowsHandler } from './end-flows-handler.ts';

const clock = { nowMs: () => 1000 } as Clock;
const context = { timeoutMs: 500, traceparent: '' };

function binding(uri: string, edge: string, token: string, path: string[]): Binding {
  return { uri, path, flow: { edge, token, transport: 2, localAddress: '', remoteAddress: '' } } as Binding;
}

const bound = [
  binding('sip:gone@h', 'edge-1', 's~1', ['<sip:t@edge;lr>']),
  binding('sip:newer-flow@h', 'edge-1', 's~2', ['<sip:t@edge;lr>']),
  binding('sip:other-edge@h', 'edge-2', 's~1', ['<sip:t@edge;lr>']),
  binding('sip:reached-directly@h', 'edge-1', 's~1', []),
];

type Remove = BindingTable['remove'];

function open(fault?: Error) {
  const removed: [string, string[], string | undefined][] = [];
  const remove = (async (aor, choose, deadlineAtMs, change) => {
    expect(deadlineAtMs).toBe(1500);
    if (fault !== undefined && aor === 'sip:b@h') throw fault;
    const chosen = choose(bound) as readonly Binding[];
    removed.push([aor, chosen.map(({ uri }) => uri), change]);
    const changes = chosen.map((each) => ({ change: 'flow-failed' as const, binding: each }));
    return { refusal: undefined, bindings: [], changes };
  }) as Remove;
  return { removed, handler: createEndFlowsHandler({ remove }, clock) };
}

describe('EndFlows', () => {
  it('OB13: removes what only the flow led to, and nothing that a newer flow has', async () => {
    const { removed, handler } = open();
    const flows = [{ edge: 'edge-1', token: 's~1', aors: ['sip:a@h'] }];
    expect(await handler({ flows }, context)).toEqual({ removed: 1 });
    expect(removed).toEqual([['sip:a@h', ['sip:gone@h'], 'flow-failed']]);
  });

  it('fails where one of them does, after the others', async () => {
    const fault = new Error('the store is away');
    const { removed, handler } = open(fault);
    const flows = [{ edge: 'edge-1', token: 's~1', aors: ['sip:a@h', 'sip:b@h', 'sip:c@h'] }];
    await expect(handler({ flows }, context)).rejects.toBe(fault);
    expect(removed.map(([aor]) => aor)).toEqual(['sip:a@h', 'sip:c@h']);
  });

  it.each([
    ['no token', [{ edge: 'edge-1', token: '', aors: ['sip:a@h'] }]],
    ['no edge', [{ edge: '', token: 's~1', aors: ['sip:a@h'] }]],
    ['no AOR', [{ edge: 'edge-1', token: 's~1', aors: ['alice'] }]],
    ['too much', [{ edge: 'edge-1', token: 's~1', aors: Array.from({ length: 1001 }, () => 'sip:a@h') }]],
  ])('refuses %s', async (_what, flows) => {
    const { removed, handler } = open();
    await expect(handler({ flows }, context)).rejects.toMatchObject({ code: 3 });
    expect(removed).toEqual([]);
  });
});
