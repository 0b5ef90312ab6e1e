import { describe, expect, it } from 'vitest';
import { compileNetworks, sourceAddress } from './networks.ts';

describe('networks', () => {
  it('hold the addresses within their prefix', () => {
    const holds = compileNetworks(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
    for (const address of ['192.0.2.1', '192.0.2.255', '2001:db8:1::1', '198.51.100.7'])
      expect(holds(address), address).toBe(true);
    for (const address of ['192.0.3.1', '2001:db9::1', '198.51.100.8', 'alice', ''])
      expect(holds(address), address).toBe(false);
  });

  it('that are malformed hold nobody', () => {
    const holds = compileNetworks(['192.0.2.0/33', '192.0.2.0/x', 'everybody', '192.0.2.0/-1', '/0']);
    expect(holds('192.0.2.1')).toBe(false);
    expect(compileNetworks([])('192.0.2.1')).toBe(false);
  });

  it('see the address of a source, IPv4 as IPv4 on a dual-stack socket', () => {
    expect(sourceAddress('192.0.2.1:5060')).toBe('192.0.2.1');
    expect(sourceAddress('[2001:db8::1]:5060')).toBe('2001:db8::1');
    expect(sourceAddress('[::ffff:192.0.2.1]:5060')).toBe('192.0.2.1');
    expect(sourceAddress('')).toBe('');
  });
});
