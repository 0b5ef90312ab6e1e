import { type Binding, currentBindings } from '@rollcall/bindings';
import type { Clock } from '@rollcall/runtime';
import type { BindingStore } from '../store/binding-store.ts';
import { comparePositions, type LogPosition } from '../store/log-position.ts';
import type { WatchScope } from './watch-scope.ts';

/** Records read with one command. */
const recordsTogether = 250;

/** What is bound to some AORs of a shard, and where the log of the shard was then. */
export interface StatePart {
  readonly bound: readonly { readonly aor: string; readonly bindings: readonly Binding[] }[];
  readonly position: LogPosition;
}

/** What a shard's part of the initial state came to. */
export interface ShardState {
  /** Changes from here on are to be told; */
  readonly start: LogPosition;
  /** but for an AOR not those up to here: they are in what was read of it. */
  readonly included: ReadonlyMap<string, LogPosition>;
  /** After this position none of them comes any more. */
  readonly end: LogPosition;
}

/**
 * Reads what is bound in one shard, part by part. The names come at one moment and the records later, so changes in
 * between are both in the log and in what was read; `included` tells which. Memory grows with the shard, not with the
 * table.
 *
 * @param onPart resolves once more may come
 */
export async function readShardState(
  shard: number,
  scope: WatchScope,
  parts: { store: BindingStore; clock: Clock },
  onPart: (part: StatePart) => Promise<void>,
): Promise<ShardState> {
  const { store, clock } = parts;
  const named = scope.aorsOf(shard);
  const listed = named === undefined ? await store.listAors(shard, scope.suffix) : undefined;
  const aors = named ?? listed?.aors ?? [];
  const included = new Map<string, LogPosition>();
  let start = listed?.end;
  let last = start;
  for (let from = 0; from < aors.length || start === undefined; from += recordsTogether) {
    const some = aors.slice(from, from + recordsTogether);
    const { records, end } = await store.readTogether(shard, some);
    start ??= end;
    last = end;
    const nowMs = clock.nowMs();
    const bound = some.map((aor, index) => ({
      aor,
      bindings: currentBindings(records[index]?.record, nowMs),
    }));
    for (const aor of some) included.set(aor, end);
    await onPart({ bound, position: end });
  }
  return { start, included, end: last ?? start };
}

/** True where a change is part of what was read already. */
export function isIncluded({ included }: ShardState, aor: string, position: LogPosition): boolean {
  const read = included.get(aor);
  return read !== undefined && comparePositions(position, read) <= 0;
}
