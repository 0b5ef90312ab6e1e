import { expect, it } from 'vitest';
import { readServiceRoute } from './service-route.ts';

it('SR1: route values stay as they are, in their order', () => {
  expect(readServiceRoute(' <sip:a.example.com;lr>,<sips:b@192.0.2.1:5061;x=1;lr> ')).toEqual([
    '<sip:a.example.com;lr>',
    '<sips:b@192.0.2.1:5061;x=1;lr>',
  ]);
  expect(readServiceRoute('')).toEqual([]);
});

it('SR1: what is no loose route is a mistake', () => {
  const wrong = [
    'sip:a;lr',
    '<sip:a>',
    '<tel:+1;lr>',
    '<sip:a;lr> <sip:b;lr>',
    '<sip:a;lr>,',
    '<sip:a;lr',
    '"A" <sip:a;lr>',
  ];
  for (const text of wrong) expect(readServiceRoute(text), text).toBeUndefined();
});
