import { describe, expect, it } from 'vitest';
import { FlowTokens, looksLikeToken, readFlowSecrets } from './flow-tokens.ts';

const flow = {
  edge: 'edge-1',
  address: { host: '2001:db8::1', port: 5060, udp: true },
  flowToken: 'u~10.0.0.1:5060~192.0.2.7:40000',
  callId: undefined,
};
const [oldSecret, newSecret] = ['the secret of last week', 'the secret of this week'];

describe('flow tokens', () => {
  const tokens = new FlowTokens([newSecret, oldSecret]);

  it('say what was sealed, the same each time, and nothing to whoever has no secret', () => {
    const token = tokens.seal(flow);
    expect(tokens.open(token, 'any')).toEqual(flow);
    expect(tokens.seal(flow)).toBe(token);
    expect(looksLikeToken(token)).toBe(true);
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('10.0.0.1');
    expect(new FlowTokens(['another secret altogether']).open(token, 'any')).toBe('foreign');
  });

  it('of a secret that was replaced are still good, and no new ones are made with it', () => {
    const before = new FlowTokens([oldSecret]);
    expect(tokens.open(before.seal(flow), 'any')).toEqual(flow);
    expect(before.open(tokens.seal(flow), 'any')).toBe('foreign');
  });

  it('OB7: are foreign once any character was changed, added or taken away', () => {
    const token = tokens.seal(flow);
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice(0, at) + (token[at] === 'x' ? 'y' : 'x') + token.slice(at + 1);
      expect(tokens.open(changed, 'any'), `at ${at}`).toBe('foreign');
    }
    expect(tokens.open(`${token}A`, 'any')).toBe('foreign');
    expect(tokens.open(token.slice(0, -1), 'any')).toBe('foreign');
    expect(tokens.open('', 'any')).toBe('foreign');
    expect(tokens.open('x'.repeat(100_000), 'any')).toBe('foreign');
  });

  it('of a call are good in that call', () => {
    const token = tokens.seal({ ...flow, callId: 'one@host' });
    expect(tokens.open(token, 'one@host')).toEqual({ ...flow, callId: 'one@host' });
    expect(tokens.open(token, 'other@host')).toBe('foreign');
  });

  it('keep an address that has TCP only', () => {
    const address = { host: 'edge.example.com', port: 5070, udp: false };
    expect(tokens.open(tokens.seal({ ...flow, address }), '')).toMatchObject({ address });
  });
});

it('secrets are of 16 characters or more', () => {
  expect(
    readFlowSecrets(`${newSecret.replaceAll(' ', '-')}  ${oldSecret.replaceAll(' ', '-')}`),
  ).toHaveLength(2);
  expect(readFlowSecrets('short')).toBeUndefined();
  expect(readFlowSecrets('')).toEqual([]);
});
