import { expect, it } from 'vitest';
import { parseAddressOfRecord, parseContactUri } from './address-argument.ts';

it.each([
  ['sip:alice@example.com', 'sip:alice@example.com', 'alice', 'example.com'],
  ['alice@Example.COM', 'sip:alice@example.com', 'alice', 'example.com'],
  ['sips:alice@example.com:5061;transport=tcp', 'sip:alice@example.com', 'alice', 'example.com'],
  ['sip:%61lice@example.com', 'sip:alice@example.com', '%61lice', 'example.com'],
  ['sip:alice@[2001:DB8::1]', 'sip:alice@[2001:db8::1]', 'alice', '[2001:db8::1]'],
])('reads %s', (text, aor, user, domain) => {
  expect(parseAddressOfRecord(text)).toEqual({ aor, user, domain });
});

it.each(['', 'alice', 'sip:example.com', 'tel:+15551234', 'sip:@example.com', 'sip:a b@example.com'])(
  'says how to write it instead of "%s"',
  (text) => {
    expect(() => parseAddressOfRecord(text)).toThrow(
      /is no address of record: write it as sip:alice@example.com/,
    );
  },
);

it('takes a contact without a user, and no text that could add a header', () => {
  expect(parseContactUri('sip:192.0.2.1:5070')).toBe('sip:192.0.2.1:5070');
  expect(() => parseContactUri('sip:a@b\r\nVia: x')).toThrow(TypeError);
  expect(() => parseContactUri('sip:a@b>;q=1')).toThrow(TypeError);
});
