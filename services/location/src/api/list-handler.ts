import { currentBindings } from '@rollcall/bindings';
import type {
  CallContext,
  ListRegistrationsRequest,
  ListRegistrationsResponse,
  LocationApiCalls,
  Registration,
} from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import { readDomain } from '../canonical-aor.ts';
import { invalidArgument } from '../faults.ts';
import { toPublicRegistration } from '../proto-mapping.ts';
import type { BindingStore } from '../store/binding-store.ts';
import { shardCount } from '../store/redis-keys.ts';
import { formatPageToken, type PagePlace, readPageToken } from './page-token.ts';
import { applyReadMask, type ReadMask, readMaskOf } from './read-mask.ts';
import { indexAfter, SortedAors } from './sorted-aors.ts';

const defaultPageSize = 50;
const maxPageSize = 1000;

/** Records read with one command: some 100 kB. */
const recordsTogether = 250;

/** A page is closed after this time or half of the caller's, though it may be empty: a small domain in a large table. */
const maxPageMs = 500;

/** ListRegistrations: a domain shard by shard, each shard in the order of its names. */
export function createListHandler(
  store: BindingStore,
  clock: Clock,
): Pick<LocationApiCalls, 'listRegistrations'> {
  const names = new SortedAors(store, clock);
  return { listRegistrations: (request, context) => list(request, context, { store, clock, names }) };
}

interface ListParts {
  readonly store: BindingStore;
  readonly clock: Clock;
  readonly names: SortedAors;
}

async function list(
  request: ListRegistrationsRequest,
  context: CallContext,
  parts: ListParts,
): Promise<ListRegistrationsResponse> {
  const { store, clock } = parts;
  const domain = readDomain(request.domain);
  const pageSize = readPageSize(request.pageSize);
  const mask = readMaskOf(request.readMask);
  const query = [domain, ...(request.readMask ?? [])].join('\n');
  const secret = await store.sharedSecret();
  const startMs = clock.nowMs();
  const untilMs = startMs + Math.min(maxPageMs, context.timeoutMs / 2);
  let place: PagePlace =
    request.pageToken === ''
      ? { shard: 0, after: '', startedAtMs: startMs }
      : readPageToken(request.pageToken, query, secret);
  const registrations: Registration[] = [];
  while (place.shard < shardCount && registrations.length < pageSize) {
    if (clock.nowMs() >= untilMs) break;
    place = await listSome(place, domain, mask, pageSize - registrations.length, registrations, parts);
  }
  const isOver = place.shard >= shardCount;
  return { registrations, nextPageToken: isOver ? '' : formatPageToken(place, query, secret) };
}

/** Adds some registrations of a shard; returns where to go on. */
async function listSome(
  { shard, after, startedAtMs }: PagePlace,
  domain: string,
  mask: ReadMask | undefined,
  wanted: number,
  registrations: Registration[],
  { store, clock, names }: ListParts,
): Promise<PagePlace> {
  const all = await names.list(shard, domain, startedAtMs);
  const from = indexAfter(all, after);
  const aors = all.slice(from, from + Math.min(wanted, recordsTogether));
  const last = aors.at(-1);
  if (last === undefined) return { shard: shard + 1, after: '', startedAtMs };
  const { records } = await store.readTogether(shard, aors);
  const nowMs = clock.nowMs();
  for (const [index, aor] of aors.entries()) {
    const bindings = currentBindings(records[index]?.record, nowMs);
    if (bindings.length === 0) continue;
    registrations.push(applyReadMask(toPublicRegistration(aor, bindings, nowMs), mask));
  }
  return from + aors.length < all.length
    ? { shard, after: last, startedAtMs }
    : { shard: shard + 1, after: '', startedAtMs };
}

function readPageSize(pageSize: number): number {
  if (pageSize < 0) throw invalidArgument('PAGE_SIZE_INVALID', 'page_size is 0 to 1,000');
  return pageSize === 0 ? defaultPageSize : Math.min(pageSize, maxPageSize);
}
