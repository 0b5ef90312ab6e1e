import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutPushContactParameters, withoutPushParameters } from './without-push.ts';

describe('a contact without push parameters', () => {
  it('D13: is the same text where it has none', () => {
    const same = [
      'sip:a@h',
      'sip:h',
      'sip:a;pn-prid=1@h',
      'sip:a@[2001:db8::1]:5060;transport=tcp;ob',
      'sip:a@h?pn-prid=1;pn-param=2',
      'sip:a@h;xpn-prid=1',
    ];
    for (const uri of same) expect(withoutPushParameters(uri), uri).toBe(uri);
  });

  it('PN6: loses them wherever they stand among its parameters', () => {
    expect(withoutPushParameters('sip:a@h;pn-prid=1')).toBe('sip:a@h');
    expect(withoutPushParameters('sip:h;pn-provider;x;pn-param=a:b')).toBe('sip:h;x');
    expect(withoutPushContactParameters(';pn-prid="x;pn-y";audio;methods="A;pn-z"')).toBe(
      ';audio;methods="A;pn-z"',
    );
  });

  it('PN6: holds no pn- parameter, whatever the order', () => {
    const name = fc.constantFrom('pn-prid', 'PN-provider', 'x', 'transport', 'pnx', 'lr');
    const params = fc.array(name, { maxLength: 8 });
    fc.assert(
      fc.property(params, (names) => {
        const uri = `sip:a@h${names.map((each) => `;${each}=1`).join('')}`;
        const kept = names.filter((each) => !each.toLowerCase().startsWith('pn-'));
        expect(withoutPushParameters(uri)).toBe(`sip:a@h${kept.map((each) => `;${each}=1`).join('')}`);
      }),
    );
  });
});
