import { expect, it } from 'vitest';
import { ListenerSetting } from './listener-setting.ts';
import { OwnAddress, readAdvertisedAddress } from './own-address.ts';

const remote = { host: '127.0.0.9', port: 40_000 };

/** What EDGE_ADVERTISE says, for listeners. */
function ownOf(
  advertise: string,
  ...listening: [transport: 'udp' | 'tcp' | 'tls', host: string, port: number][]
): OwnAddress {
  const setting = ListenerSetting.read(advertise, readAdvertisedAddress);
  if (setting === undefined) throw new Error(`unreadable: ${advertise}`);
  return new OwnAddress(
    setting,
    listening.map(([transport, host, port]) => ({ transport, address: { host, port } })),
  );
}

it.each([
  ['sip.example.com', { host: 'sip.example.com', port: undefined }],
  ['192.0.2.1:5070', { host: '192.0.2.1', port: 5070 }],
  ['[2001:db8::1]', { host: '2001:db8::1', port: undefined }],
  ['[2001:db8::1]:5070', { host: '2001:db8::1', port: 5070 }],
  ['2001:db8::1', { host: '2001:db8::1', port: undefined }],
  ['[192.0.2.1]:5070', { host: '192.0.2.1', port: 5070 }],
  ['[sip.example.com]', undefined],
  ['a:0', undefined],
  ['a:65536', undefined],
  ['', undefined],
])('reads %j', (text, expected) => {
  expect(readAdvertisedAddress(text)).toEqual(expected);
});

it('is the listener, with its port, whatever port a connection has here', () => {
  const own = ownOf('', ['tcp', '127.0.0.1', 5060]);
  const local = { host: '127.0.0.1', port: 51_000 };
  expect(own.of({ transport: 'tcp', local, remote })).toEqual({ host: '127.0.0.1', port: 5060 });
});

it('is the address of the network that the peer is in, where the listener takes any', () => {
  const own = ownOf('', ['udp', '0.0.0.0', 5060]);
  const local = { host: '0.0.0.0', port: 5060 };
  expect(own.of({ transport: 'udp', local, remote })).toEqual({ host: '127.0.0.1', port: 5060 });
});

it('is what the operator says', () => {
  const flow = { transport: 'udp' as const, local: { host: '0.0.0.0', port: 5060 }, remote };
  const host = 'edge-1.example.com';
  expect(ownOf(host, ['udp', '0.0.0.0', 5060]).of(flow)).toEqual({ host, port: 5060 });
  expect(ownOf(`${host}:5070`, ['udp', '0.0.0.0', 5060]).of(flow)).toEqual({ host, port: 5070 });
});

it('is what the operator says of the transport, or of the one listener', () => {
  const own = ownOf(
    '10.0.0.4 tls=sip.example.com:443 tcp:5062=lb.example.com',
    ['udp', '0.0.0.0', 5060],
    ['tcp', '0.0.0.0', 5060],
    ['tcp', '0.0.0.0', 5062],
    ['tls', '0.0.0.0', 5061],
  );
  const at = (transport: 'udp' | 'tcp' | 'tls', port: number) =>
    own.of({ transport, local: { host: '10.0.0.4', port }, remote });
  expect(at('udp', 5060)).toEqual({ host: '10.0.0.4', port: 5060 });
  expect(at('tcp', 5060)).toEqual({ host: '10.0.0.4', port: 5060 });
  expect(at('tcp', 5062)).toEqual({ host: 'lb.example.com', port: 5062 });
  expect(at('tls', 5061)).toEqual({ host: 'sip.example.com', port: 443 });
  expect(own.all({ local: { host: '10.0.0.4', port: 5061 }, remote })).toEqual([
    { host: '10.0.0.4', port: 5060 },
    { host: '10.0.0.4', port: 5060 },
    { host: 'lb.example.com', port: 5062 },
    { host: 'sip.example.com', port: 443 },
  ]);
});

const both = '10.0.0.4,fd00::4';
it.each([
  ['the family of the peer', both, '::', 'fd00::9', 'fd00::4', '10.0.0.4'],
  ['the family of the peer', both, '::', '192.0.2.9', '10.0.0.4', '10.0.0.4'],
  ['what there is', '10.0.0.4', '::', 'fd00::9', '10.0.0.4', '10.0.0.4'],
  ['a family that is listened for', 'fd00::4,10.0.0.4', '0.0.0.0', '192.0.2.9', '10.0.0.4', '10.0.0.4'],
  ['a family that is listened for', 'fd00::4,10.0.0.4', '0.0.0.0', 'fd00::9', '10.0.0.4', '10.0.0.4'],
  ['what the operator says all the same', 'fd00::4', '0.0.0.0', '192.0.2.9', 'fd00::4', 'fd00::4'],
  ['a name', 'sip.example.com', '::', 'fd00::9', 'sip.example.com', 'sip.example.com'],
])('of several it is %s: %s at %s for %s', (_what, advertise, listening, peer, host, forOthers) => {
  const own = ownOf(advertise, ['udp', listening, 5060]);
  const way = {
    transport: 'udp' as const,
    local: { host: listening, port: 5060 },
    remote: { host: peer, port: 5060 },
  };
  expect(own.of(way)).toEqual({ host, port: 5060 });
  expect(own.forOthers(way)).toEqual({ host: forOthers, port: 5060 });
});
