import { describe, expect, it } from 'vitest';
import { parseUri, sameParsedUri, sameUri } from './index.ts';

/** Left, right, equal. Each pair is compared both ways. */
type Pair = readonly [id: string, left: string, right: string, equal: boolean];

const pairs: readonly Pair[] = [
  ['C1', 'sip:Alice@h', 'sip:alice@h', false],
  ['C2', 'sip:%61lice@atlanta.com;transport=TCP', 'SIP:alice@AtLanTa.CoM;Transport=tcp', true],
  ['C2', 'SIP:a@h', 'sip:a@H', true],
  ['C3', 'sip:a@h', 'sip:a@h:5060', false],
  ['C3', 'sip:a@h:5060', 'sip:a@h:5061', false],
  ['C4', 'sip:a@h', 'sip:a@h;transport=udp', false],
  ['C4', 'sip:a@h;transport=udp', 'sip:a@h;transport=tcp', false],
  ['C5', 'sip:a@h', 'sip:a@h;user=phone', false],
  ['C5', 'sip:a@h', 'sip:a@h;maddr=192.0.2.1', false],
  ['C5', 'sip:a@h', 'sip:a@h;ttl=1', false],
  ['C5', 'sip:a@h', 'sip:a@h;method=INVITE', false],
  ['C5', 'sip:a@h;maddr=[2001:DB8::1]', 'sip:a@h;maddr=[2001:db8:0::1]', true],
  ['C6', 'sip:a@h;newparam=5', 'sip:a@h', true],
  ['C6', 'sip:a@h;security=on', 'sip:a@h;security=off', false],
  ['C6', 'sip:a@h;lr', 'sip:a@h;lr=true', false],
  ['C6', 'sip:a@h;lr', 'sip:a@h;LR', true],
  ['C6', 'sip:a@h;n%61me=v%61lue', 'sip:a@h;name=VALUE', true],
  ['C6', 'sip:a@h;%4Eame=1', 'sip:a@h;name=2', false],
  ['C7', 'sip:a@h;a=1;b=2', 'sip:a@h;b=2;a=1', true],
  ['C8', 'sip:a@h?subject=a&priority=u', 'sip:a@h?priority=u&subject=a', true],
  ['C8', 'sip:a@h?Subject=a', 'sip:a@h?sUbject=%61', true],
  ['C8', 'sip:a@h?S=a&m=b', 'sip:a@h?contact=b&subject=a', true],
  ['C8', 'sip:a@h?subject=a', 'sip:a@h', false],
  ['C8', 'sip:a@h?subject=a', 'sip:a@h?subject=b', false],
  ['C8', 'sip:a@h?subject=a', 'sip:a@h?subject=a&subject=a', false],
  ['C8', 'sip:a@h?novalue', 'sip:a@h?NoValue', true],
  ['C9', 'sip:a%2Db@h', 'sip:a-b@h', true],
  ['C9', 'sip:a%3Bb@h', 'sip:a;b@h', false],
  ['C9', 'sip:a%23b@h', 'sip:a#b@h', true],
  ['C9', 'sip:a%C3%A9@h', 'sip:a\xc3\xa9@h', true],
  ['C9', 'sip:a@h;x=\xc3\xa9', 'sip:a@h;x=\xe3\xa9', false],
  ['C10', 'sip:%2d@h', 'sip:%2D@h', true],
  ['C10', 'sip:%3b@h', 'sip:%3B@h', true],
  ['C10', 'sip:a@h;x=value%2541', 'sip:a@h;x=value%41', false],
  ['C10', 'sip:a%2541@h', 'sip:aA@h', false],
  ['C10', 'sip:a%253B@h', 'sip:a%3B@h', false],
  ['C11', 'sip:a@h', 'sips:a@h', false],
  ['C12', 'sip:a:pw@h', 'sip:a@h', false],
  ['C12', 'sip:a:pw@h', 'sip:a:PW@h', false],
  ['C12', 'sip:a:p%77@h', 'sip:a:pw@h', true],
  ['C12', 'sip:h', 'sip:a@h', false],
  ['C13', 'sip:a@bobspc.example', 'sip:a@192.0.2.4', false],
  ['C14', 'sip:a@[2001:DB8::1]', 'sip:a@[2001:db8:0:0:0:0:0:1]', true],
  ['C14', 'sip:a@[::ffff:192.0.2.1]', 'sip:a@[::FFFF:C000:0201]', true],
  ['C14', 'sip:a@[2001:db8::1]', 'sip:a@[2001:db8::2]', false],
  ['C14', 'sip:a@[::1]', 'sip:a@[::1]:5060', false],
  ['C14', 'sip:a@[::ffff:192.0.2.1]', 'sip:a@192.0.2.1', false],
];

describe('area I: URI comparison', () => {
  it.each(pairs)('%s: %s and %s: %s', (_id, left, right, equal) => {
    expect(sameUri(left, right)).toBe(equal);
    expect(sameUri(right, left)).toBe(equal);
    expect(sameParsedUri(parseUri(left), parseUri(right))).toBe(equal);
  });

  it('C15: equality is not transitive: the plain URI equals both, which are not equal', () => {
    expect(sameUri('sip:a@h', 'sip:a@h;security=on')).toBe(true);
    expect(sameUri('sip:a@h', 'sip:a@h;security=off')).toBe(true);
    expect(sameUri('sip:a@h;security=on', 'sip:a@h;security=off')).toBe(false);
  });

  it('a name given twice counts once, whichever side it is on', () => {
    expect(sameUri('sip:a@h;x=1;x=2', 'sip:a@h;x=1')).toBe(true);
    expect(sameUri('sip:a@h;x=1', 'sip:a@h;x=1;x=2')).toBe(true);
  });

  it.each<readonly [string, string, boolean]>([
    ['tel:+1-214-555-0102', 'TEL:+1(214)555.0102', true],
    ['tel:+12145550102', 'tel:+12145550103', false],
    ['tel:7042;phone-context=Example.com', 'tel:7042;phone-context=example.COM', true],
    ['tel:7042;phone-context=example.com', 'tel:7042', false],
    ['tel:+1;a=1;b=2', 'tel:+1;b=2;a=1', true],
    ['tel:+1;a=1;a=1', 'tel:+1;a=1;b=2', false],
    ['tel:+12145550102', 'sip:+12145550102@h', false],
    ['mailto:a@b', 'MAILTO:a@b', true],
    ['mailto:a@b', 'mailto:A@b', false],
    ['mailto:a@b', 'sip:a@b', false],
    ['not a uri', 'not a uri', true],
    ['not a uri', 'sip:a@h', false],
    ['sip:a@h', '', false],
  ])('%s and %s: %s', (left, right, equal) => {
    expect(sameUri(left, right)).toBe(equal);
    expect(sameUri(right, left)).toBe(equal);
  });
});
