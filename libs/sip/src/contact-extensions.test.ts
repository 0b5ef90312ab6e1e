import { describe, expect, it } from 'vitest';
import { expandBulkContact, isBulkContact } from './bulk-contact.ts';
import { readPushTarget } from './push-target.ts';
import { uriParam, withoutUriParam } from './uri-param-text.ts';

describe('a parameter of a URI as text', () => {
  it('is found in any case, behind the user part and before the headers', () => {
    expect(uriParam('sip:a;bnc=user@h;x=1;BNC;y?bnc=2', 'bnc')).toBe('');
    expect(uriParam('sip:a;bnc=user@h;x=1?subject=;bnc', 'bnc')).toBeUndefined();
    expect(uriParam('sip:a?b;c@h;d=1', 'd')).toBe('1');
    expect(uriParam('sip:h;bn=1;bncd=2', 'bnc')).toBeUndefined();
    expect(uriParam('sip:h;sg=', 'sg')).toBe('');
  });

  it('is taken out wherever it stands', () => {
    expect(withoutUriParam('sip:a@h;x=1;bnc;y', 'bnc')).toBe('sip:a@h;x=1;y');
    expect(withoutUriParam('sip:a@h;bnc=1;bnc?p=q', 'bnc')).toBe('sip:a@h?p=q');
    expect(withoutUriParam('sip:a@h', 'bnc')).toBe('sip:a@h');
  });
});

describe('bulk number contacts', () => {
  it('GN1: become the contact of a number, other parameters kept', () => {
    expect(isBulkContact('sip:198.51.100.3:5060;bnc')).toBe(true);
    expect(isBulkContact('sip:bnc@198.51.100.3')).toBe(false);
    expect(expandBulkContact('sip:198.51.100.3:5060;bnc', '+12145550102')).toBe(
      'sip:+12145550102@198.51.100.3:5060',
    );
    expect(expandBulkContact('sips:[2001:db8::1];transport=tcp;bnc;x=1?Subject=a', '+1')).toBe(
      'sips:+1@[2001:db8::1];transport=tcp;x=1?Subject=a',
    );
  });

  it('GN5: take sg of the GRUU that was asked for', () => {
    expect(expandBulkContact('sip:198.51.100.3;bnc', '+12145550102', '00:05:03:5e:70:a6')).toBe(
      'sip:+12145550102@198.51.100.3;sg=00:05:03:5e:70:a6',
    );
    expect(expandBulkContact('sip:h;sg=own;bnc?a=b', '+1', '')).toBe('sip:+1@h;sg?a=b');
  });
});

describe('push parameters', () => {
  it('PN1: are those of the URI', () => {
    expect(readPushTarget('sip:a@h;PN-Provider=apns;pn-prid=00fc13;pn-param=DEF.app')).toEqual({
      provider: 'apns',
      param: 'DEF.app',
      prid: '00fc13',
    });
    expect(readPushTarget('sip:a;pn-provider=user@h;pn-prid=1')).toBeUndefined();
  });

  it('PN3: a provider without value is a question', () => {
    expect(readPushTarget('sip:a@h;pn-provider')).toEqual({ provider: '', param: '', prid: '' });
  });
});
