import { describe, expect, it } from 'vitest';
import { formatPushCapability, judgePush } from './push-policy.ts';

const providers = ['apns', 'fcm'];
const withPush = (params: string) => `sip:alice@192.0.2.1;${params}`;

describe('push parameters of a contact', () => {
  it('PN2: a provider that is served is told so, whatever its case', () => {
    const verdict = judgePush(withPush('pn-provider=APNS;pn-prid=1;pn-param=x'), providers, []);
    expect(verdict).toEqual({ kind: 'served', providers: ['apns'] });
    expect(formatPushCapability('apns')).toBe('*;+sip.pns="apns"');
  });

  it('PN2: another is not supported, unless a proxy before us sees to it', () => {
    const other = withPush('pn-provider=xyz;pn-prid=1');
    expect(judgePush(other, providers, []).kind).toBe('unsupported');
    expect(judgePush(other, providers, ['*;+sip.pns="xyz"']).kind).toBe('not-ours');
  });

  it('PN3: a provider without value asks for all', () => {
    expect(judgePush(withPush('pn-provider'), providers, [])).toEqual({ kind: 'served', providers });
  });

  it('PN1: header parameters and other contacts are none of it', () => {
    expect(judgePush('sip:alice@192.0.2.1', providers, []).kind).toBe('not-ours');
  });

  it('PN2: without providers push is not spoken', () => {
    expect(judgePush(withPush('pn-provider=xyz'), [], []).kind).toBe('not-ours');
  });
});
