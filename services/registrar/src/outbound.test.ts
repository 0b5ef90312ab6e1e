import { describe, expect, it } from 'vitest';
import { judgeOutbound } from './outbound.ts';

const direct = { supported: ['path', 'outbound'], path: [], viaCount: 1 };

describe('outbound', () => {
  it('OB1: applies at the first hop, whether or not the phone supports outbound', () => {
    expect(judgeOutbound(direct)).toBe('applies');
    expect(judgeOutbound({ ...direct, supported: [] })).toBe('applies');
  });

  it('OB5: lacks a first hop behind another proxy whose Path does not say ob', () => {
    const behind = { ...direct, viaCount: 2 };
    expect(judgeOutbound(behind)).toBe('first-hop-lacks');
    expect(judgeOutbound({ ...behind, path: ['<sip:proxy.example.net;lr>'] })).toBe('first-hop-lacks');
    expect(judgeOutbound({ ...behind, supported: [] })).toBe('ignored');
  });

  it('OB5: applies behind a proxy that says ob in its URI', () => {
    const behind = { ...direct, viaCount: 2 };
    expect(judgeOutbound({ ...behind, path: ['<sip:token@proxy.example.net;lr;ob>'] })).toBe('applies');
    expect(judgeOutbound({ ...behind, path: ['<sip:proxy.example.net;OB;lr>;x=1'] })).toBe('applies');
    expect(judgeOutbound({ ...behind, supported: [], path: ['<sip:p.example.net;ob>'] })).toBe('applies');
  });

  it('OB5: is not misled by ob elsewhere', () => {
    const behind = { ...direct, viaCount: 2 };
    const misleading = [
      '<sip:proxy.example.net;lr>;ob',
      '<sip:ob@proxy.example.net;object>',
      '<sip:proxy.example.net;lr?x=;ob>',
    ];
    for (const path of misleading)
      expect(judgeOutbound({ ...behind, path: [path] }), path).toBe('first-hop-lacks');
  });
});
