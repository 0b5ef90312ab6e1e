import type { CallBudget, LocationCalls } from '@rollcall/rpc';
import type { Address } from './address.ts';
import type { AddressBook, Known } from './address-book.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { BoundContact } from './target-set.ts';

/** Who is asked. */
export interface BindingSources {
  readonly location: Pick<LocationCalls, 'lookUp'>;
  readonly addresses: Pick<AddressBook, 'find'>;
  /** True to answer 480 to unknown users as well, so that nobody learns who exists. */
  readonly unknownAs480: boolean;
  /** Told of a fault of auth that nobody else hears of. */
  onAuthFault(error: unknown): void;
}

/** What is bound to an address, or why nothing is. A fault of location or auth is thrown. */
export type FoundBindings =
  | {
      readonly kind: 'found';
      /** The AOR that they are bound to: another one than that asked for where a number is asked for. */
      readonly aor: string;
      readonly bindings: readonly BoundContact[];
    }
  /** Its subscriber has moved for good. */
  | { readonly kind: 'moved'; readonly uri: string }
  | Refusal;

/**
 * Finds what is bound to an address. Location and auth are asked side by side, since a subscriber may be blocked while
 * its phones are still bound; a number leads to its AOR first. Where auth is away, whoever is bound is found all the same.
 */
export async function findBindings(
  address: Address,
  sources: BindingSources,
  budget: CallBudget,
): Promise<FoundBindings> {
  const asking = sources.addresses.find(address, budget.next());
  if (address.saysNumber) return settle(await asking, undefined, sources, budget);
  // Both are awaited in every case: neither may fail unheard.
  const [bound, owner] = await Promise.allSettled([lookUp(address.aor, sources, budget), asking]);
  if (owner.status === 'fulfilled') {
    const own = { aor: address.aor, bound };
    return settle(owner.value, own, sources, budget);
  }
  if (bound.status === 'rejected' || bound.value.length === 0) throw owner.reason;
  sources.onAuthFault(owner.reason);
  return { kind: 'found', aor: address.aor, bindings: bound.value };
}

/** What was looked up while the owner was asked for. */
interface LookedUp {
  readonly aor: string;
  readonly bound: PromiseSettledResult<readonly BoundContact[]>;
}

async function settle(
  owner: Known,
  own: LookedUp | undefined,
  sources: BindingSources,
  budget: CallBudget,
): Promise<FoundBindings> {
  if (owner.kind === 'moved') return { kind: 'moved', uri: owner.uri };
  if (owner.kind !== 'known') return refuseOwner(owner, sources);
  if (own === undefined || (owner.aor !== '' && owner.aor !== own.aor)) {
    return lookUpKnown(owner.aor, sources, budget);
  }
  if (own.bound.status === 'rejected') throw own.bound.reason;
  const bindings = own.bound.value;
  return bindings.length > 0 ? { kind: 'found', aor: own.aor, bindings } : notRegistered();
}

async function lookUpKnown(aor: string, sources: BindingSources, budget: CallBudget): Promise<FoundBindings> {
  const bindings = await lookUp(aor, sources, budget);
  return bindings.length > 0 ? { kind: 'found', aor, bindings } : notRegistered();
}

async function lookUp(
  aor: string,
  sources: BindingSources,
  budget: CallBudget,
): Promise<readonly BoundContact[]> {
  const { bindings } = await sources.location.lookUp({ aor }, budget.next());
  return bindings;
}

/** Known, and reached nowhere now. */
export function notRegistered(): Refusal {
  return refuse(480, 'Temporarily Unavailable', 'not_registered');
}

function refuseOwner(
  owner: Exclude<Known, { kind: 'known' } | { kind: 'moved' }>,
  sources: BindingSources,
): Refusal {
  switch (owner.kind) {
    case 'blocked':
      return refuse(403, 'Forbidden', 'blocked');
    case 'gone':
      return refuse(410, 'Gone', 'gone');
    case 'foreign':
      return refuse(404, 'Not Found', 'foreign_domain');
    case 'ambiguous':
      // Whom it could mean is not told: RFC 3261 §21.4.23 warns of the harm to their privacy.
      return refuse(485, 'Ambiguous', 'ambiguous');
    default: {
      // Which numbers exist is told by "incomplete" as well as by "unknown".
      if (sources.unknownAs480) return refuse(480, 'Temporarily Unavailable', 'unknown');
      return owner.kind === 'incomplete'
        ? refuse(484, 'Address Incomplete', 'incomplete')
        : refuse(404, 'Not Found', 'unknown');
    }
  }
}
