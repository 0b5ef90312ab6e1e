import { expect, it } from 'vitest';
import { formatAssociatedUris } from './associated-uris.ts';

it('IM1: AORs come first, the default one before all, then numbers', () => {
  const identity = { aors: ['sip:alice@example.com', 'sip:sales@example.com'], numbers: ['+15551234'] };
  expect(formatAssociatedUris(identity)).toEqual([
    '<sip:alice@example.com>',
    '<sip:sales@example.com>',
    '<tel:+15551234>',
  ]);
});

it('IM1: no more are told than fit a response', () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => `+1555${index}`);
  expect(formatAssociatedUris({ aors: ['sip:trunk@example.com'], numbers })).toHaveLength(20);
});
