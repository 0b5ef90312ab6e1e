import { expect, it } from 'vitest';
import { clientTransports } from './client-transports.ts';
import { parseServer, withPort } from './server-argument.ts';
import { parseTarget } from './target-argument.ts';

it.each([
  ['edge.example', { host: 'edge.example', port: 0 }],
  ['192.0.2.1:5080', { host: '192.0.2.1', port: 5080 }],
  ['[::1]', { host: '::1', port: 0 }],
  ['[::1]:5080', { host: '::1', port: 5080 }],
])('reads the server %s', (text, server) => {
  expect(parseServer(text)).toEqual(server);
});

it.each(['', '::1', 'host:', 'host:0', 'host:70000', 'host:sip'])('refuses the server "%s"', (text) => {
  expect(() => parseServer(text)).toThrow(TypeError);
});

it('knows the usual ports', () => {
  const server = parseServer('edge.example');
  expect(clientTransports.map((each) => withPort(server, each).port)).toEqual([5060, 5060, 5061, 5066, 7443]);
  expect(withPort(parseServer('edge.example:5070'), 'tls').port).toBe(5070);
});

it('reads gRPC targets as configuration does', () => {
  expect(parseTarget('dns:///location:50053')).toBe('dns:///location:50053');
  expect(() => parseTarget('location')).toThrow('must be host:port');
});
