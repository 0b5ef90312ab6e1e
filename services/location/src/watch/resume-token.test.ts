import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatResumeToken, readResumeToken } from './resume-token.ts';
import { readScope } from './watch-scope.ts';

const all = { aors: [], domain: '', resumeToken: '', skipInitialState: false };
const domain = readScope({ ...all, domain: 'example.com' });

it('carries a position for each shard', () => {
  const position = fc.record({ ms: fc.integer({ min: 1, max: 2 ** 42 }), seq: fc.nat({ max: 1_000_000 }) });
  const positions = fc.array(fc.option(position, { nil: { ms: 0, seq: 0 } }), {
    minLength: 64,
    maxLength: 64,
  });
  fc.assert(
    fc.property(positions, (list) => {
      const told = new Map(list.map((each, shard) => [shard, each]));
      expect(readResumeToken(formatResumeToken(domain, told), domain)).toEqual(told);
    }),
  );
});

it('is short', () => {
  const told = new Map(
    domain.shards.map((shard) => [shard, { ms: 1_800_000_000_000 - shard * 999, seq: shard % 3 }]),
  );
  expect(formatResumeToken(domain, told).length).toBeLessThan(500);
});

it('is the same for the same AORs in any order, and of no other', () => {
  const one = readScope({ ...all, aors: ['sip:a@h', 'sip:b@h'] });
  const same = readScope({ ...all, aors: ['sip:b@h', 'sip:%61@H', 'sip:a@h'] });
  const token = formatResumeToken(one, new Map());
  expect(readResumeToken(token, same)).toEqual(readResumeToken(token, one));
  const other = readScope({ ...all, aors: ['sip:b@h'] });
  expect(() => readResumeToken(token, other)).toThrow(
    expect.objectContaining({ reason: 'RESUME_TOKEN_INVALID' }),
  );
});
