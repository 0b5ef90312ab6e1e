import { expect, it } from 'vitest';
import { ListenerSetting } from './listener-setting.ts';
import { readProxyNetwork } from './proxy-networks.ts';

const digits = (text: string) => (/^\d+$/.test(text) ? Number(text) : undefined);

it('is for all listeners, or for those that it names: the most exact counts', () => {
  const setting = ListenerSetting.read('1,2 3 tls=4 tcp:5062=5 ws=', digits);
  expect(setting?.of('udp', 5060)).toEqual([1, 2, 3]);
  expect(setting?.of('tcp', 5060)).toEqual([1, 2, 3]);
  expect(setting?.of('tcp', 5062)).toEqual([5]);
  expect(setting?.of('tls', 5061)).toEqual([4]);
  expect(setting?.of('ws', 5066)).toEqual([]);
  expect(setting?.selectors).toEqual([
    { transport: 'tls', port: undefined },
    { transport: 'tcp', port: 5062 },
    { transport: 'ws', port: undefined },
  ]);
  expect(setting?.keep((value) => value > 1).of('udp', 5060)).toEqual([2, 3]);
});

it('is for nobody where nothing is said', () => {
  const setting = ListenerSetting.read('', digits);
  expect(setting?.of('tcp', 5060)).toEqual([]);
  expect(setting?.selectors).toEqual([]);
});

it.each(['x', '1,x', 'tls=x', 'sctp=1', 'tls:0=1', 'tls:=1'])('is not %j', (text) => {
  expect(ListenerSetting.read(text, digits)).toBeUndefined();
});

it.each([
  ['192.0.2.0/24', { address: '192.0.2.0', prefix: 24 }],
  ['192.0.2.1', { address: '192.0.2.1', prefix: 32 }],
  ['2001:db8::/32', { address: '2001:db8::', prefix: 32 }],
  ['::1', { address: '::1', prefix: 128 }],
  ['0.0.0.0/0', undefined],
  ['::/0', undefined],
  ['192.0.2.0/33', undefined],
  ['192.0.2', undefined],
  ['lb.example.com', undefined],
])('the network %j', (text, expected) => {
  expect(readProxyNetwork(text)).toEqual(expected);
});
