import { describe, expect, it } from 'vitest';
import { answerStun } from './stun.ts';

/** Transaction ID, addresses and their XORed form are those of the samples of RFC 5769. */
const transaction = 'b7e7a701bc34d686fa87dfae';
const request = (attributes = '', type = '0001') => {
  const length = (attributes.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`${type}${length}2112a442${transaction}${attributes}`, 'hex');
};
const v4 = { host: '192.0.2.1', port: 32_853 };

describe('STUN on the SIP port', () => {
  it('OB11: tells where a request came from, IPv4', () => {
    const answer = answerStun(request(), v4)?.toString('hex');
    expect(answer).toBe(`0101000c2112a442${transaction}002000080001a147e112a643`);
  });

  it('OB11: tells where a request came from, IPv6', () => {
    const source = { host: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 };
    expect(answerStun(request(), source)?.toString('hex')).toBe(
      `010100182112a442${transaction}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9`,
    );
    const short = answerStun(request(), { host: '::1', port: 1 })?.subarray(-16);
    // XORed with zeros, the cookie and the transaction ID are what they are; only the last byte is not.
    expect(short?.toString('hex')).toBe(`2112a442${transaction.slice(0, -2)}af`);
  });

  it('OB11: optional attributes, and those of other uses of STUN, do not matter', () => {
    // SOFTWARE "abc" with its padding, USERNAME, FINGERPRINT
    const attributes = '8022000361626300' + '000600047573657280280004deadbeef';
    expect(answerStun(request(attributes), v4)?.readUInt16BE(0)).toBe(0x0101);
  });

  it('OB11: those that are known and mean nothing in a request are ignored', () => {
    // MAPPED-ADDRESS, ERROR-CODE, UNKNOWN-ATTRIBUTES, USERHASH and XOR-MAPPED-ADDRESS, without a value.
    const attributes = '00010000' + '00090000' + '000a0000' + '001e0000' + '00200000';
    expect(answerStun(request(attributes), v4)?.readUInt16BE(0)).toBe(0x0101);
  });

  it('OB11: attributes that must be understood and are not get 420', () => {
    const answer = answerStun(request('7fff000400000000'), v4)?.toString('hex');
    expect(answer).toBe(`011100102112a442${transaction}0009000400000414000a00027fff0000`);
  });

  it.each([
    ['an indication', request('', '0011')],
    ['a response', request('', '0101')],
    ['a request that is cut', request('8022000361626300').subarray(0, -4)],
    ['an attribute that is longer than the message', request('8022010061626300')],
    [
      'half an attribute',
      Buffer.concat([request().subarray(0, 2), Buffer.from([0, 2]), request().subarray(4), Buffer.alloc(2)]),
    ],
  ])('gives no answer to %s', (_, bytes) => {
    expect(answerStun(bytes, v4)).toBeUndefined();
  });
});
