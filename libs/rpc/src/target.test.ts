import { describe, expect, it } from 'vitest';
import { formatAddress, parseTarget } from './target.ts';

describe('target', () => {
  it.each([
    ['dns:///registrar-headless:50051', 'registrar-headless', 50_051],
    ['dns:registrar:50051', 'registrar', 50_051],
    ['registrar.voice.svc.cluster.local:1', 'registrar.voice.svc.cluster.local', 1],
    ['127.0.0.1:65535', '127.0.0.1', 65_535],
    ['dns:///[::1]:50051', '::1', 50_051],
  ])('%s is read', (text, host, port) => {
    expect(parseTarget(text)).toEqual({ host, port });
  });

  it.each([
    '',
    'registrar',
    'registrar:0',
    'registrar:65536',
    '::1:50051',
    'unix:/tmp/x',
    'http://x:1',
    'a b:1',
  ])('%j is refused', (text) => {
    expect(() => parseTarget(text)).toThrow(RangeError);
  });

  it('puts brackets around IPv6 only', () => {
    expect(formatAddress('::1', 5)).toBe('[::1]:5');
    expect(formatAddress('10.0.0.1', 5)).toBe('10.0.0.1:5');
  });
});
