import { parseUri, type SipUri } from '@rollcall/sip';
import { afterEach, describe, expect, it } from 'vitest';
import { dnsRecords, locateServer } from '../src/index.ts';
import { startNameServer } from './name-server.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function serve(...given: Parameters<typeof startNameServer>) {
  const server = await startNameServer(...given);
  cleanUps.push(() => server.close());
  return { records: dnsRecords([server.address]), asked: server.asked };
}

const naptr = (preference: number, services: string, replacement: string) => ({
  type: 'NAPTR' as const,
  name: 'example.com',
  data: { order: 10, preference, flags: 's', services, regexp: '', replacement },
});

describe('questions to a name server', () => {
  it('DN1: NAPTR, SRV and addresses of both families, over the wire', async () => {
    const { records, asked } = await serve([
      naptr(20, 'SIP+D2U', '_sip._udp.example.com'),
      naptr(10, 'SIP+D2T', '_sip._tcp.example.com'),
      {
        type: 'SRV',
        name: '_sip._tcp.example.com',
        data: { priority: 1, weight: 1, port: 5080, target: 'edge.example.com' },
      },
      {
        type: 'SRV',
        name: '_sip._udp.example.com',
        data: { priority: 1, weight: 1, port: 5060, target: 'edge.example.com' },
      },
      { type: 'A', name: 'edge.example.com', data: '192.0.2.1' },
      { type: 'AAAA', name: 'edge.example.com', data: '2001:db8::1' },
    ]);
    const hops = await locateServer(parseUri('sip:example.com') as SipUri, {
      records,
      transports: ['udp', 'tcp'],
    });
    expect(hops).toEqual([
      { transport: 'tcp', host: '192.0.2.1', port: 5080 },
      { transport: 'tcp', host: '2001:db8::1', port: 5080 },
      { transport: 'udp', host: '192.0.2.1', port: 5060 },
      { transport: 'udp', host: '2001:db8::1', port: 5060 },
    ]);
    expect(asked[0]).toBe('NAPTR example.com');
  });

  it('DN1: what is not there is none, and no fault', async () => {
    const { records } = await serve([{ type: 'A', name: 'edge.example.com', data: '192.0.2.1' }]);
    expect(await records.naptr('edge.example.com')).toEqual([]);
    expect(await records.srv('nowhere.example.com')).toEqual([]);
    expect(await records.addresses('nowhere.example.com')).toEqual([]);
    expect(await records.addresses('edge.example.com')).toEqual(['192.0.2.1']);
  });

  it('DN1: a name server that says nothing is a fault, in bounded time', async () => {
    const { records } = await serve([], ['example.com']);
    await expect(records.srv('example.com')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  });
});
