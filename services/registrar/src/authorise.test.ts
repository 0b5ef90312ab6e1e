import { describe, expect, it } from 'vitest';
import { authoriseAor, domainOfAor } from './authorise.ts';

const alice = { aors: ['sip:alice@example.com', 'sip:desk@example.com'], numbers: ['+15551234'] };

describe('who may register what', () => {
  it('R10.3-4a: nobody registers an AOR of somebody else', () => {
    expect(authoriseAor(alice, 'sip:bob@example.com')).toBeUndefined();
    expect(authoriseAor(alice, 'sip:Alice@example.com')).toBeUndefined();
    expect(authoriseAor({ aors: [], numbers: ['+15551234'] }, 'sip:+15551234@example.com')).toBeUndefined();
  });

  it('R10.3-4b: an identity registers each AOR that policy gives it', () => {
    expect(authoriseAor(alice, 'sip:alice@example.com')).toBe('sip:alice@example.com');
    expect(authoriseAor(alice, 'sip:desk@example.com')).toBe('sip:desk@example.com');
  });

  it('keeps the bindings of a number under the AOR of its subscriber, in its own domain only', () => {
    expect(authoriseAor(alice, 'sip:+15551234@example.com')).toBe('sip:alice@example.com');
    expect(authoriseAor(alice, 'sip:+15551234@example.net')).toBeUndefined();
    expect(authoriseAor(alice, 'sip:+15559999@example.com')).toBeUndefined();
  });

  it('R10.3-5b: finds the domain of an AOR, and none in anything else', () => {
    expect(domainOfAor('sip:alice@example.com')).toBe('example.com');
    expect(domainOfAor('sip:%40@[2001:db8::1]')).toBe('[2001:db8::1]');
    expect(domainOfAor('sip:example.com')).toBe('');
    expect(domainOfAor('sip:@example.com')).toBe('');
    expect(domainOfAor('tel:+15551234')).toBe('');
  });
});
