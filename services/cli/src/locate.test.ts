import { expect, it } from 'vitest';
import { locate } from './locate.ts';

const srv = (priority: number, port: number, name: string) => ({ priority, weight: 0, port, name });

/** A DNS that knows example.com, and what it was asked. */
function sources(records: Record<string, ReturnType<typeof srv>[]>) {
  const asked: string[] = [];
  const addresses: Record<string, string> = {
    'example.com': '192.0.2.1',
    'a.example.com': '192.0.2.10',
    'b.example.com': '2001:db8::11',
    localhost: '127.0.0.1',
    '192.0.2.7': '192.0.2.7',
  };
  return {
    asked,
    records: {
      srv: async (name: string) => {
        asked.push(name);
        return records[name] ?? [];
      },
    },
    addressOf: async (name: string) => addresses[name] ?? Promise.reject(new Error('ENOTFOUND')),
  };
}

it.each([
  ['udp', '_sip._udp.example.com'],
  ['tcp', '_sip._tcp.example.com'],
  ['tls', '_sips._tcp.example.com'],
  ['ws', '_sip._ws.example.com'],
  ['wss', '_sips._ws.example.com'],
] as const)('asks for SRV records of %s, and takes them in their order', async (transport, name) => {
  const dns = sources({ [name]: [srv(20, 5072, 'b.example.com'), srv(10, 5071, 'a.example.com')] });
  expect(await locate({ host: 'example.com', port: 0 }, transport, dns)).toEqual([
    { host: '192.0.2.10', port: 5071 },
    { host: '2001:db8::11', port: 5072 },
  ]);
  expect(dns.asked).toEqual([name]);
});

it('goes to the usual port where there are none, or none that leads anywhere, or no DNS', async () => {
  const server = { host: 'example.com', port: 0 };
  expect(await locate(server, 'wss', sources({}))).toEqual([{ host: '192.0.2.1', port: 7443 }]);
  const lost = sources({ '_sip._udp.example.com': [srv(10, 5071, 'lost.example.com')] });
  expect(await locate(server, 'udp', lost)).toEqual([{ host: '192.0.2.1', port: 5060 }]);
  const silent = { ...sources({}), records: { srv: () => Promise.reject(new Error('ETIMEOUT')) } };
  expect(await locate(server, 'tls', silent)).toEqual([{ host: '192.0.2.1', port: 5061 }]);
});

it('takes the port of a record whose target is the name itself', async () => {
  const dns = sources({ '_sip._udp.example.com': [srv(10, 5071, 'example.com')] });
  expect(await locate({ host: 'example.com', port: 0 }, 'udp', dns)).toEqual([
    { host: '192.0.2.1', port: 5071 },
  ]);
});

it.each([
  [
    { host: 'example.com', port: 5080 },
    { host: '192.0.2.1', port: 5080 },
  ],
  [
    { host: 'localhost', port: 0 },
    { host: '127.0.0.1', port: 5060 },
  ],
  [
    { host: '192.0.2.7', port: 0 },
    { host: '192.0.2.7', port: 5060 },
  ],
])('asks for none where a port or an address is named: %j', async (server, place) => {
  const dns = sources({});
  expect(await locate(server, 'udp', dns)).toEqual([place]);
  expect(dns.asked).toEqual([]);
});

it('rejects a name that has no address', async () => {
  await expect(locate({ host: 'lost.example.com', port: 0 }, 'udp', sources({}))).rejects.toThrow(
    'ENOTFOUND',
  );
});
