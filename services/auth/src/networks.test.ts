import { describe, expect, it } from 'vitest';
import { isWithin, normaliseSource, readNetwork } from './networks.ts';

describe('networks', () => {
  it('are read as CIDR, single addresses as networks of one', () => {
    expect(readNetwork('192.0.2.0/24')).toBe('192.0.2.0/24');
    expect(readNetwork('192.0.2.7')).toBe('192.0.2.7/32');
    expect(readNetwork('2001:DB8::/32')).toBe('2001:db8::/32');
    expect(readNetwork('2001:db8::1')).toBe('2001:db8::1/128');
    for (const wrong of ['', '192.0.2.0/33', '192.0.2', 'example.com', '1', '0x7f000001']) {
      expect(readNetwork(wrong), wrong).toBeUndefined();
    }
  });

  it('hold the addresses within them, of their own family', () => {
    const networks = ['192.0.2.0/24', '2001:db8::/32'];
    expect(isWithin('192.0.2.200', networks)).toBe(true);
    expect(isWithin('::ffff:192.0.2.200', networks)).toBe(true);
    expect(isWithin('2001:db8:1::1', networks)).toBe(true);
    expect(isWithin('192.0.3.1', networks)).toBe(false);
    expect(isWithin('nowhere', networks)).toBe(false);
    expect(isWithin('192.0.2.1', [])).toBe(false);
  });

  it('spells a source in one way', () => {
    expect(normaliseSource('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(normaliseSource('2001:DB8:0::1')).toBe('2001:db8::1');
    expect(normaliseSource('nowhere')).toBe('nowhere');
  });
});
