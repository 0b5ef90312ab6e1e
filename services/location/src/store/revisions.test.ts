import { expect, it } from 'vitest';
import { decodeValue, encodeRevision, encodeValue } from './record-codec.ts';
import { nextRevision } from './revisions.ts';

const in2100Ms = Date.UTC(2100, 0);

it('rises even where the clock stands still or goes back', () => {
  const first = nextRevision(0, in2100Ms);
  const second = nextRevision(first, in2100Ms - 5000);
  expect(second).toBe(first + 1);
  expect(nextRevision(second, in2100Ms + 1000)).toBeGreaterThan(second);
});

it('is never given twice in a millisecond, also where nothing of the record is left', () => {
  const given = Array.from({ length: 2048 }, () => nextRevision(0, in2100Ms));
  expect(new Set(given).size).toBe(given.length);
});

it('is exact in the 8 bytes of the store, up to the year 2100', () => {
  const revision = nextRevision(0, in2100Ms);
  expect(Number.isSafeInteger(revision)).toBe(true);
  const value = encodeValue(revision, { bindings: [], nonces: [], nonceFloorMs: 7 });
  expect(decodeValue(value)).toMatchObject({ revision, record: { nonceFloorMs: 7 } });
  expect(value.subarray(0, 8)).toEqual(encodeRevision(revision));
  expect(encodeRevision(0)).toHaveLength(0);
});
