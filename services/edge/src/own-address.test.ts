import { expect, it } from 'vitest';
import { OwnAddress, readAdvertisedAddress } from './own-address.ts';

const remote = { host: '127.0.0.9', port: 40_000 };
const nothing = { host: '', port: undefined };

it.each([
  ['', nothing],
  ['sip.example.com', { host: 'sip.example.com', port: undefined }],
  ['192.0.2.1:5070', { host: '192.0.2.1', port: 5070 }],
  ['[2001:db8::1]', { host: '2001:db8::1', port: undefined }],
  ['[2001:db8::1]:5070', { host: '2001:db8::1', port: 5070 }],
  ['2001:db8::1', undefined],
  ['[1.2.3.4]', undefined],
  ['a:0', undefined],
  ['a b', undefined],
])('reads %j', (text, expected) => {
  expect(readAdvertisedAddress(text)).toEqual(expected);
});

it('is the listener, with its port, whatever port a connection has here', () => {
  const own = new OwnAddress(nothing, [{ transport: 'tcp', address: { host: '127.0.0.1', port: 5060 } }]);
  const local = { host: '127.0.0.1', port: 51_000 };
  expect(own.of({ transport: 'tcp', local, remote })).toEqual({ host: '127.0.0.1', port: 5060 });
});

it('is the address of the network that the peer is in, where the listener takes any', () => {
  const address = { host: '0.0.0.0', port: 5060 };
  const own = new OwnAddress(nothing, [{ transport: 'udp', address }]);
  expect(own.of({ transport: 'udp', local: address, remote })).toEqual({ host: '127.0.0.1', port: 5060 });
});

it('is what the operator says', () => {
  const listeners = [{ transport: 'udp' as const, address: { host: '0.0.0.0', port: 5060 } }];
  const flow = { transport: 'udp' as const, local: { host: '0.0.0.0', port: 5060 }, remote };
  const host = 'edge-1.example.com';
  expect(new OwnAddress({ host, port: undefined }, listeners).of(flow)).toEqual({ host, port: 5060 });
  expect(new OwnAddress({ host, port: 5070 }, listeners).of(flow)).toEqual({ host, port: 5070 });
});
