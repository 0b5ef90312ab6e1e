import { describe, expect, it } from 'vitest';
import { asksNothingNew } from './refresh-only.ts';

const contact = (uri: string, change: { expiresSec?: number; instanceId?: string; regId?: number } = {}) => ({
  uri,
  expiresSec: 600,
  instanceId: '',
  regId: 0,
  ...change,
});

describe('a request that asks for nothing new', () => {
  const bound = [contact('sip:a@h.example.org'), contact('sip:b@h', { instanceId: 'urn:uuid:1', regId: 1 })];

  it('refreshes what is bound, by URI or by flow', () => {
    expect(asksNothingNew([contact('sip:a@H.example.org')], bound)).toBe(true);
    expect(asksNothingNew([contact('sip:moved@h', { instanceId: 'urn:uuid:1', regId: 1 })], bound)).toBe(
      true,
    );
    expect(asksNothingNew([], bound)).toBe(true);
  });

  it('removes whatever it names', () => {
    expect(asksNothingNew([contact('sip:c@h', { expiresSec: 0 })], bound)).toBe(true);
  });

  it('binds nothing else', () => {
    expect(asksNothingNew([contact('sip:a@h.example.org'), contact('sip:c@h')], bound)).toBe(false);
    expect(asksNothingNew([contact('sip:b@h', { instanceId: 'urn:uuid:1', regId: 2 })], bound)).toBe(false);
    expect(asksNothingNew([contact('sip:a@h.example.org')], [])).toBe(false);
  });
});
