import type { ApplyRequest } from '@rollcall/rpc';
import { expect, it } from 'vitest';
import { nonceUse, register, update } from '../../../libs/bindings/test/make-registration.ts';
import { toRegistration } from './to-registration.ts';

const request: ApplyRequest = {
  aor: 'sip:a@h',
  refused: false,
  ...register([update('sip:a@h', { params: ';audio' })], { nonce: nonceUse('nonce', 1) }),
};
const keyOf = (more: Partial<ApplyRequest>) => toRegistration({ ...request, ...more }).requestKey;

it('the key of a request tells its order, its contacts and what becomes of them apart', () => {
  const others: Partial<ApplyRequest>[] = [
    { callId: 'b' },
    { cseq: 2 },
    { branch: 'z9hG4bK-other' },
    { updates: [] },
    { updates: [], removeAll: true },
    { updates: [], refused: true },
    { number: '+15551234' },
    { updates: [update('sip:evil@h', { params: ';audio' })] },
    { updates: [update('sip:a@h', { params: ';video' })] },
    { updates: [update('sip:a@h', { params: ';audio', expiresSec: 0 })] },
    { updates: [update('sip:a@h', { params: ';audio', regId: 1 })] },
  ];
  const keys = new Set([keyOf({}), ...others.map(keyOf)]);
  expect(keys.size).toBe(others.length + 1);
});

it('a lifetime granted a little differently by another registrar makes no other request', () => {
  expect(keyOf({ updates: [update('sip:a@h', { params: ';audio', expiresSec: 571 })] })).toBe(keyOf({}));
});

it('without a nonce there is nothing to key', () => {
  expect(keyOf({ nonce: undefined })).toBe('');
});

it('the branch goes without its cookie, so that the cookie alone is none; others stay as they are', () => {
  const branches = ['z9hG4bKabc', 'z9hG4bK', '1', ''].map(
    (branch) => toRegistration({ ...request, branch }).branch,
  );
  expect(branches).toEqual(['abc', '', '1', '']);
});

it('the end of the nonce, which is of its signature, stands for it', () => {
  const signed = 'MTcwMDAwMDAwMHNvbWUtcmFuZG9t-signature-12';
  const short = toRegistration({ ...request, nonce: nonceUse(signed, 1) }).nonce;
  expect(short?.nonce).toBe('ignature-12');
  expect(toRegistration({ ...request, nonce: nonceUse('other', 1) }).nonce?.nonce).not.toBe(short?.nonce);
});
