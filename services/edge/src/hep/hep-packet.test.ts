import { describe, expect, it } from 'vitest';
import { type CapturedMessage, encodeHep } from './hep-packet.ts';

const message: CapturedMessage = {
  transport: 'udp',
  source: { host: '192.0.2.7', port: 5062 },
  destination: { host: '198.51.100.1', port: 5060 },
  atUs: 1_700_000_000_123_456,
  payload: Buffer.from('OPTIONS sip:example.com SIP/2.0\r\n\r\n', 'latin1'),
};
const agent = { captureId: 0xdead_beef, password: '' };

/** The chunks of a packet by type, in hexadecimal, read as the specification says: vendor, type, length, value. */
function chunksOf(packet: Buffer | undefined): Map<number, string> {
  if (packet === undefined) throw new Error('no packet');
  expect(packet.toString('latin1', 0, 4)).toBe('HEP3');
  expect(packet.readUInt16BE(4)).toBe(packet.length);
  const chunks = new Map<number, string>();
  for (let at = 6; at < packet.length; at += packet.readUInt16BE(at + 4)) {
    expect(packet.readUInt16BE(at)).toBe(0);
    chunks.set(packet.readUInt16BE(at + 2), packet.toString('hex', at + 6, at + packet.readUInt16BE(at + 4)));
  }
  return chunks;
}

describe('a HEP3 packet', () => {
  it('has every generic chunk of an IPv4 datagram', () => {
    expect(Object.fromEntries(chunksOf(encodeHep(message, agent)))).toEqual({
      1: '02',
      2: '11',
      3: 'c0000207',
      4: 'c6336401',
      7: '13c6',
      8: '13c4',
      9: (1_700_000_000).toString(16),
      10: (123_456).toString(16).padStart(8, '0'),
      11: '01',
      12: 'deadbeef',
      15: message.payload.toString('hex'),
    });
  });

  it('has the key, where one is wanted', () => {
    const chunks = chunksOf(encodeHep(message, { ...agent, password: 'myHep' }));
    expect(chunks.get(14)).toBe(Buffer.from('myHep').toString('hex'));
    expect(chunks.get(15)).toBe(message.payload.toString('hex'));
  });

  it.each(['tcp', 'tls', 'ws', 'wss'] as const)('is of TCP for %s', (transport) => {
    expect(chunksOf(encodeHep({ ...message, transport }, agent)).get(2)).toBe('06');
  });

  it.each([
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
    ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ])('has the IPv6 address %s', (host, hex) => {
    const chunks = chunksOf(
      encodeHep({ ...message, source: { host, port: 1 }, destination: { host: '::2', port: 2 } }, agent),
    );
    expect(chunks.get(1)).toBe('0a');
    expect(chunks.get(5)).toBe(hex);
    expect(chunks.get(6)).toBe('00000000000000000000000000000002');
    expect(chunks.has(3)).toBe(false);
  });

  it('shows an IPv4 address beside an IPv6 one as mapped', () => {
    const chunks = chunksOf(encodeHep({ ...message, destination: { host: '::1', port: 2 } }, agent));
    expect(chunks.get(5)).toBe('00000000000000000000ffffc0000207');
  });

  it('is none where the message does not fit into a datagram', () => {
    const largest = 65_507 - (encodeHep({ ...message, payload: Buffer.alloc(0) }, agent)?.length ?? 0);
    expect(encodeHep({ ...message, payload: Buffer.alloc(largest) }, agent)?.length).toBe(65_507);
    expect(encodeHep({ ...message, payload: Buffer.alloc(largest + 1) }, agent)).toBeUndefined();
  });
});
