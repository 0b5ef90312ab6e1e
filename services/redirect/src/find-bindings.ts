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
}

/** What is bound to an address, or why nothing is. A fault of location or auth is thrown. */
export type FoundBindings =
  | {
      readonly kind: 'found';
      /** The AOR that they are bound to: another one than that asked for where a number is asked for. */
      readonly aor: string;
      readonly bindings: readonly BoundContact[];
    }
  | Refusal;

/**
 * Finds what is bound to an address. Location is asked first, since most requests are for somebody who is registered;
 * only where nothing is bound does it matter whether the address exists. A number leads to its AOR first.
 */
export async function findBindings(
  address: Address,
  sources: BindingSources,
  budget: CallBudget,
): Promise<FoundBindings> {
  if (!address.saysNumber) {
    const bindings = await lookUp(address.aor, sources, budget);
    if (bindings.length > 0) return { kind: 'found', aor: address.aor, bindings };
  }
  const owner = await sources.addresses.find(address, budget.next());
  if (owner.kind !== 'known') return refuseUnknown(owner, sources);
  const asked = !address.saysNumber && (owner.aor === '' || owner.aor === address.aor);
  return asked ? notRegistered() : lookUpKnown(owner.aor, sources, budget);
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

function refuseUnknown(owner: Known, sources: BindingSources): Refusal {
  if (owner.kind === 'foreign') return refuse(404, 'Not Found', 'foreign_domain');
  return sources.unknownAs480
    ? refuse(480, 'Temporarily Unavailable', 'unknown')
    : refuse(404, 'Not Found', 'unknown');
}
