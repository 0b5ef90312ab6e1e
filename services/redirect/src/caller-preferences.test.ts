import { describe, expect, it } from 'vitest';
import { readPreferences, scoreOf } from './caller-preferences.ts';
import { readFeatures, splitParams } from './feature-set.ts';

function score(contact: string, headers: { accept?: string[]; reject?: string[] }): number | undefined {
  const { accept = [], reject = [] } = headers;
  const preferences = readPreferences({
    acceptContact: accept,
    rejectContact: reject,
    requestDisposition: [],
  });
  if (preferences === undefined) throw new Error('no preferences');
  return scoreOf(readFeatures(splitParams(contact)), preferences);
}

const desk = ';audio;methods="INVITE,BYE";language="en,de"';
const camera = ';audio;video;methods="INVITE,BYE,MESSAGE"';
const silent = '';

describe('CP4: Accept-Contact', () => {
  it('counts the tags that a contact says it has', () => {
    expect(score(camera, { accept: ['*;audio;video'] })).toBe(1);
    expect(score(desk, { accept: ['*;audio;video'] })).toBe(0.5);
    expect(score(desk, { accept: ['*;video'] })).toBe(0);
    expect(score(camera, { accept: ['*;audio', '*;language="en"'] })).toBe(0.5);
  });

  it('require drops what contradicts, and with explicit what does not say', () => {
    expect(score(desk, { accept: ['*;methods="MESSAGE";require'] })).toBeUndefined();
    expect(score(camera, { accept: ['*;methods="MESSAGE";require'] })).toBe(1);
    expect(score(desk, { accept: ['*;video;require'] })).toBe(0);
    expect(score(desk, { accept: ['*;video;require;explicit'] })).toBeUndefined();
    expect(score(desk, { accept: ['*;video;explicit'] })).toBe(0);
    expect(score(desk, { accept: ['*;methods="MESSAGE"'] })).toBe(0);
  });

  it('a wish that a contact contradicts does not count for it (RFC 3841 §7.2.5)', () => {
    const wishes = ['*;audio;require', '*;video;explicit', '*;methods="BYE";class="business";q=1.0'];
    const reject = ['*;actor="msg-taker";video'];
    const scores = [
      ';audio;video;methods="INVITE,BYE"',
      ';audio="FALSE";methods="INVITE";actor="msg-taker"',
      ';audio;actor="msg-taker";methods="INVITE";video',
      ';audio;methods="INVITE,OPTIONS"',
      '',
    ].map((contact) => score(contact, { accept: wishes, reject }));
    expect(scores).toEqual([2.5 / 3, undefined, undefined, 0.5, 1]);
  });

  it('leaves a contact alone that says nothing of itself', () => {
    expect(score(silent, { accept: ['*;video;require;explicit'], reject: ['*;audio'] })).toBe(1);
  });
});

describe('CP4: Reject-Contact', () => {
  it('drops a contact that says all of it', () => {
    expect(score(camera, { reject: ['*;video'] })).toBeUndefined();
    expect(score(desk, { reject: ['*;video'] })).toBe(1);
    expect(score(camera, { reject: ['*;video;automata'] })).toBe(1);
    expect(score(camera, { reject: ['*;actor="principal"', '*;methods="MESSAGE"'] })).toBeUndefined();
  });
});

describe('values', () => {
  it.each([
    [';language="en,de"', ';language="de,fr"', true],
    [';language="en"', ';language="fr"', false],
    [';language="!en"', ';language="en"', false],
    [';language="!en"', ';language="fr"', true],
    [';language="!en"', ';language="!en"', true],
    [';audio="FALSE"', ';audio', false],
    [';audio="TRUE"', ';audio', true],
    [';priority="#1:5"', ';priority="#>=5"', true],
    [';priority="#1:5"', ';priority="#=6"', false],
    [';priority="#<=0.5"', ';priority="#-1:0"', true],
    [';+sip.a="<A;b>"', ';+sip.a="<A;b>"', true],
    [';+sip.a="<A>"', ';+sip.a="<a>"', false],
    [';+SIP.A="x"', ';+sip.a="X"', true],
  ])('%s and %s: %s', (contact, wanted, fits) => {
    expect(score(contact, { accept: [`*${wanted};require`] })).toBe(fits ? 1 : undefined);
  });

  it('what is malformed keeps nobody from anything', () => {
    for (const odd of ['', '*', ';', '*;require', '*;=', '*;"', '*;foo="bar']) {
      expect(
        readPreferences({ acceptContact: [odd], rejectContact: [odd], requestDisposition: ['x'] }),
      ).toBeUndefined();
    }
    expect(score(camera, { accept: ['*;priority="#x";require'] })).toBe(0);
  });
});
