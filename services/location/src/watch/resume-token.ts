import { invalidArgument } from '../faults.ts';
import type { LogPosition } from '../store/log-position.ts';
import type { WatchScope } from './watch-scope.ts';

const version = '1';

/**
 * The positions of a watch in the logs of its shards, as an opaque text: some 6 characters for each shard. It needs no
 * secret, since it holds nothing that its owner may not know, and positions made up lead to nothing but a wrong watch of
 * what may be watched anyway.
 */
export function formatResumeToken(scope: WatchScope, positions: ReadonlyMap<number, LogPosition>): string {
  let newestMs = 0;
  for (const { ms } of positions.values()) newestMs = Math.max(newestMs, ms);
  const places = scope.shards.map((shard) => {
    const { ms, seq } = positions.get(shard) ?? { ms: 0, seq: 0 };
    if (ms === 0) return '';
    return seq === 0 ? (newestMs - ms).toString(36) : `${(newestMs - ms).toString(36)}.${seq.toString(36)}`;
  });
  return [version, scope.name, newestMs.toString(36), places.join('*')].join('~');
}

/** @throws ServiceFault RESUME_TOKEN_INVALID where it is no token of a watch of the same scope */
export function readResumeToken(token: string, scope: WatchScope): Map<number, LogPosition> {
  const [first, name, newest = '', places = '', ...more] = token.split('~');
  const texts = places.split('*');
  const newestMs = readNumber(newest);
  const isOurs = first === version && name === scope.name && more.length === 0;
  if (!isOurs || newestMs === undefined || texts.length !== scope.shards.length) throw invalid();
  return new Map(scope.shards.map((shard, index) => [shard, readPlace(texts[index] ?? '', newestMs)]));
}

function readPlace(text: string, newestMs: number): LogPosition {
  if (text === '') return { ms: 0, seq: 0 };
  const [ageText = '', seqText = '0', ...more] = text.split('.');
  const age = readNumber(ageText);
  const seq = readNumber(seqText);
  if (age === undefined || seq === undefined || age > newestMs || more.length > 0) throw invalid();
  return { ms: newestMs - age, seq };
}

function readNumber(text: string): number | undefined {
  return /^[0-9a-z]{1,10}$/.test(text) ? Number.parseInt(text, 36) : undefined;
}

function invalid() {
  return invalidArgument('RESUME_TOKEN_INVALID', 'no resume token of a watch of the same AORs or domain');
}
