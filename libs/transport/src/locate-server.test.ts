import { parseUri, type SipUri } from '@rollcall/sip';
import { describe, expect, it } from 'vitest';
import type { TransportName } from './flow.ts';
import { locateServer } from './locate-server.ts';
import { inSrvOrder, type NaptrRecord, type ServerRecords, type SrvRecord } from './server-records.ts';

interface Zone {
  readonly naptr?: Record<string, readonly NaptrRecord[]>;
  readonly srv?: Record<string, readonly SrvRecord[]>;
  readonly addresses?: Record<string, readonly string[]>;
}

/** A zone, and the questions asked of it. */
function zone({ naptr = {}, srv = {}, addresses = {} }: Zone): ServerRecords & { asked: string[] } {
  const asked: string[] = [];
  const note = async <T>(type: string, name: string, records: Record<string, readonly T[]>) => {
    asked.push(`${type} ${name}`);
    return records[name] ?? [];
  };
  return {
    asked,
    naptr: (name) => note('NAPTR', name, naptr),
    srv: (name) => note('SRV', name, srv),
    addresses: (name) => note('A', name, addresses),
  };
}

const all: readonly TransportName[] = ['udp', 'tcp', 'tls'];

async function locate(uri: string, records: ServerRecords, transports = all): Promise<string[]> {
  const parsed = parseUri(uri) as SipUri;
  const hops = await locateServer(parsed, { records, transports, random: () => 0.99 });
  return hops.map(({ transport, host, port }) => `${transport} ${host} ${port}`);
}

function naptr(order: number, preference: number, service: string, replacement: string): NaptrRecord {
  return { order, preference, flags: 's', service, replacement };
}

function srv(priority: number, weight: number, port: number, name: string): SrvRecord {
  return { priority, weight, port, name };
}

const example = {
  naptr: {
    'example.com': [
      naptr(100, 50, 'SIP+D2U', '_sip._udp.example.com'),
      naptr(50, 50, 'SIPS+D2T', '_sips._tcp.example.com'),
      naptr(90, 50, 'SIP+D2T', '_sip._tcp.example.com'),
      naptr(10, 1, 'E2U+sip', 'other.example.com'),
    ],
  },
  srv: {
    '_sip._udp.example.com': [srv(0, 1, 5060, 'u.example.com')],
    '_sip._tcp.example.com': [srv(20, 0, 5090, 't2.example.com'), srv(10, 0, 5080, 't1.example.com')],
    '_sips._tcp.example.com': [srv(0, 0, 5061, 's.example.com')],
  },
  addresses: {
    'u.example.com': ['192.0.2.1', '2001:db8::1'],
    't1.example.com': ['192.0.2.2'],
    't2.example.com': ['192.0.2.3'],
    's.example.com': ['192.0.2.4'],
    'plain.example.com': ['192.0.2.9'],
  },
} satisfies Zone;

describe('where a request goes (RFC 3263)', () => {
  it('DN1: an IP literal is asked of nobody, and takes its port and transport or the default ones', async () => {
    const records = zone({});
    expect(await locate('sip:192.0.2.7', records)).toEqual(['udp 192.0.2.7 5060']);
    expect(await locate('sip:a@[2001:db8::7]:5070;transport=tcp', records)).toEqual(['tcp 2001:db8::7 5070']);
    expect(await locate('sips:a@192.0.2.7', records)).toEqual(['tls 192.0.2.7 5061']);
    expect(await locate('sips:a@192.0.2.7;transport=tcp', records)).toEqual(['tls 192.0.2.7 5061']);
    expect(await locate('sip:a@example.com;maddr=192.0.2.8', records)).toEqual(['udp 192.0.2.8 5060']);
    expect(records.asked).toEqual([]);
  });

  it('DN1: a port written down is asked for addresses only, by UDP or the transport named', async () => {
    const records = zone(example);
    expect(await locate('sip:plain.example.com:5070', records)).toEqual(['udp 192.0.2.9 5070']);
    expect(await locate('sip:plain.example.com:5070;transport=tcp', records)).toEqual(['tcp 192.0.2.9 5070']);
    expect(records.asked).toEqual(['A plain.example.com', 'A plain.example.com']);
  });

  it('DN1: NAPTR in its order says the transport, then SRV in theirs the places', async () => {
    expect(await locate('sip:example.com', zone(example))).toEqual([
      'tls 192.0.2.4 5061',
      'tcp 192.0.2.2 5080',
      'tcp 192.0.2.3 5090',
      'udp 192.0.2.1 5060',
      'udp 2001:db8::1 5060',
    ]);
  });

  it('DN1: what the client does not speak is passed over', async () => {
    expect(await locate('sip:example.com', zone(example), ['udp'])).toEqual([
      'udp 192.0.2.1 5060',
      'udp 2001:db8::1 5060',
    ]);
    expect(await locate('sip:192.0.2.7;transport=sctp', zone({}))).toEqual([]);
    expect(await locate('sip:192.0.2.7;transport=tcp', zone({}), ['udp'])).toEqual([]);
  });

  it('DN1: sips goes by TLS alone, whatever is published', async () => {
    expect(await locate('sips:example.com', zone(example))).toEqual(['tls 192.0.2.4 5061']);
    expect(await locate('sips:example.com', zone(example), ['udp', 'tcp'])).toEqual([]);
    expect(await locate('sips:192.0.2.7;transport=udp', zone({}))).toEqual([]);
  });

  it('DN1: a transport written down needs no NAPTR', async () => {
    const records = zone(example);
    expect(await locate('sip:example.com;transport=TCP', records)).toEqual([
      'tcp 192.0.2.2 5080',
      'tcp 192.0.2.3 5090',
    ]);
    expect(records.asked[0]).toBe('SRV _sip._tcp.example.com');
  });

  it('DN1: without NAPTR each SRV is asked for, without those the address', async () => {
    const records = zone({ srv: example.srv, addresses: example.addresses });
    expect(await locate('sip:example.com', records, ['udp', 'tcp'])).toEqual([
      'udp 192.0.2.1 5060',
      'udp 2001:db8::1 5060',
      'tcp 192.0.2.2 5080',
      'tcp 192.0.2.3 5090',
    ]);
    expect(await locate('sip:plain.example.com', zone(example))).toEqual(['udp 192.0.2.9 5060']);
    expect(await locate('sips:plain.example.com', zone(example))).toEqual(['tls 192.0.2.9 5061']);
    expect(await locate('sip:nowhere.example.com', zone(example))).toEqual([]);
  });

  it('DN1: a service that is decidedly not there leads nowhere', async () => {
    const records = zone({
      srv: { '_sip._udp.example.com': [srv(0, 0, 0, '.')] },
      addresses: { 'example.com': ['192.0.2.1'] },
    });
    expect(await locate('sip:example.com;transport=udp', records)).toEqual([]);
  });

  it('DN1: SRV of one priority are drawn by weight', () => {
    const records = [srv(1, 0, 1, 'z'), srv(1, 10, 2, 'a'), srv(1, 30, 3, 'b'), srv(0, 0, 4, 'first')];
    const drawn = (random: number) => inSrvOrder(records, () => random).map(({ name }) => name);
    expect(drawn(0)).toEqual(['first', 'z', 'a', 'b']);
    expect(drawn(0.2)).toEqual(['first', 'a', 'b', 'z']);
    expect(drawn(0.99)).toEqual(['first', 'b', 'a', 'z']);
    const counts = { a: 0, b: 0 };
    let seed = 0;
    for (let round = 0; round < 4000; round += 1) {
      const [, next] = inSrvOrder(records, () => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        return seed / 2 ** 31;
      });
      if (next?.name === 'a' || next?.name === 'b') counts[next.name] += 1;
    }
    expect(counts.b / counts.a).toBeGreaterThan(2.4);
    expect(counts.b / counts.a).toBeLessThan(3.6);
  });

  it('DN1: hostile zones stay bounded', async () => {
    const many = Array.from({ length: 500 }, (_, index) => srv(index, 0, 5060, `h${index}.example.com`));
    const records = zone({
      srv: { '_sip._udp.example.com': many },
      addresses: Object.fromEntries(many.map(({ name }) => [name, ['192.0.2.1', '192.0.2.2']])),
    });
    expect(await locate('sip:example.com;transport=udp', records)).toHaveLength(12);
    expect(records.asked.length).toBeLessThan(16);
  });
});
