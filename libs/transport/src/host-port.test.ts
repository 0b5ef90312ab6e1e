import { describe, expect, it } from 'vitest';
import { formatHostPort, parseHostPort } from './host-port.ts';

describe('host:port', () => {
  it.each([
    ['0.0.0.0:5060', '0.0.0.0', 5060],
    ['[::]:5060', '::', 5060],
    ['[2001:db8::1]:0', '2001:db8::1', 0],
    ['edge.example.com:65535', 'edge.example.com', 65_535],
  ])('%s is read and written', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port });
    expect(formatHostPort({ host, port })).toBe(text);
  });

  it.each([
    '',
    '5060',
    '127.0.0.1',
    ':5060',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:5.5',
    '127.0.0.1: 99',
    '127.0.0.1:000005',
    '::1:5060',
    '[::1:5060',
    '[example.com]:5060',
  ])('"%s" is refused with a reason', (text) => {
    expect(() => parseHostPort(text)).toThrow(TypeError);
  });
});
