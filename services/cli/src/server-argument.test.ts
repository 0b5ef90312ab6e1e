import { expect, it } from 'vitest';
import { parseServer } from './server-argument.ts';
import { parseTarget } from './target-argument.ts';

it.each([
  ['edge.example', { host: 'edge.example', port: 5060 }],
  ['192.0.2.1:5080', { host: '192.0.2.1', port: 5080 }],
  ['[::1]', { host: '::1', port: 5060 }],
  ['[::1]:5080', { host: '::1', port: 5080 }],
])('reads the server %s', (text, server) => {
  expect(parseServer(text)).toEqual(server);
});

it.each(['', '::1', 'host:', 'host:0', 'host:70000', 'host:sip'])('refuses the server "%s"', (text) => {
  expect(() => parseServer(text)).toThrow(TypeError);
});

it('reads gRPC targets as configuration does', () => {
  expect(parseTarget('dns:///location:50053')).toBe('dns:///location:50053');
  expect(() => parseTarget('location')).toThrow('must be host:port');
});
