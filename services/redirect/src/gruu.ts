import { instanceKeyOf, isTemporary, type TemporaryGruus } from '@rollcall/gruu';
import type { Address } from './address.ts';
import type { BoundContact } from './target-set.ts';

/** Which instance of an AOR a request is for (RFC 5627 §6.1). */
export type Gruu =
  | { readonly kind: 'public'; readonly instanceId: string }
  | {
      readonly kind: 'temporary';
      readonly aor: string;
      readonly instanceKey: string;
      readonly epochMs: number;
    };

/** Reads the GRUU that an address is: undefined for an AOR or number, `void` for one that was never given out. */
export function readGruu(address: Address, temporary: TemporaryGruus): Gruu | 'void' | undefined {
  const { instanceId, aor } = address;
  if (instanceId === undefined) return undefined;
  if (instanceId !== '') return isTemporary(aor) ? 'void' : { kind: 'public', instanceId };
  const opened = temporary.open(aor);
  return opened === undefined ? 'void' : { kind: 'temporary', ...opened };
}

/** Those of an AOR's bindings that the GRUU leads to; none where a temporary one is no longer good. */
export function boundToGruu<T extends BoundContact>(gruu: Gruu, bindings: readonly T[]): readonly T[] {
  if (gruu.kind === 'public') {
    const instanceId = gruu.instanceId.toLowerCase();
    // Instance-ids are URNs; those in use (urn:uuid) compare without case (RFC 8141 §3, RFC 4122 §3).
    return bindings.filter((binding) => binding.instanceId.toLowerCase() === instanceId);
  }
  return bindings.filter(
    (binding) =>
      binding.gruuEpochMs === gruu.epochMs &&
      binding.instanceId !== '' &&
      instanceKeyOf(binding.instanceId) === gruu.instanceKey,
  );
}
