import type { Binding } from '@rollcall/bindings';
import type { CallContext, LocationApiCalls, Registration } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import { bindingIdOf } from '../binding-id.ts';
import type { BindingTable } from '../binding-table.ts';
import { readAor } from '../canonical-aor.ts';
import { etagOf } from '../etag.ts';
import { etagMismatch, invalidArgument, nothingBound } from '../faults.ts';
import { toPublicRegistration } from '../proto-mapping.ts';

/** What a removal through the API needs. */
export interface DeleteParts {
  readonly table: BindingTable;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How an AOR is named in logs. */
  readonly nameAor: (aor: string) => string;
}

interface Removal {
  readonly aor: string;
  readonly etag: string;
  readonly allowMissing: boolean;
  /** For faults: what is removed. */
  readonly what: string;
  isRemoved(binding: Binding): boolean;
}

/** DeleteBinding and DeleteRegistration: an operator removes bindings. */
export function createDeleteHandlers(
  parts: DeleteParts,
): Pick<LocationApiCalls, 'deleteBinding' | 'deleteRegistration'> {
  return {
    deleteBinding: async ({ aor, bindingId, etag, allowMissing }, context) => {
      // With allow_missing a forgotten name would look like a deletion.
      if (bindingId === '') throw invalidArgument('BINDING_ID_MISSING', 'a deletion names a binding_id');
      const isRemoved = (binding: Binding) => bindingIdOf(binding) === bindingId;
      return {
        registration: await remove(parts, { aor, etag, allowMissing, what: 'binding', isRemoved }, context),
      };
    },
    deleteRegistration: async ({ aor, etag, allowMissing }, context) => {
      const isRemoved = () => true;
      return {
        registration: await remove(
          parts,
          { aor, etag, allowMissing, what: 'registration', isRemoved },
          context,
        ),
      };
    },
  };
}

async function remove(
  { table, clock, logger, nameAor }: DeleteParts,
  removal: Removal,
  context: CallContext,
): Promise<Registration> {
  const aor = readAor(removal.aor);
  // Decided anew on each attempt to write, so what is removed is what the etag was about.
  const choose = (bindings: readonly Binding[]) => {
    if (removal.etag !== '' && removal.etag !== etagOf(bindings)) return 'etag-mismatch' as const;
    const chosen = bindings.filter((binding) => removal.isRemoved(binding));
    return chosen.length === 0 ? ('nothing' as const) : chosen;
  };
  const { refusal, bindings } = await table.remove(aor, choose, clock.nowMs() + context.timeoutMs);
  if (refusal === 'etag-mismatch') throw etagMismatch();
  if (refusal === 'nothing' && !removal.allowMissing) throw nothingBound(removal.what);
  if (refusal === undefined) {
    logger.info({ aor: nameAor(aor), left: bindings.length }, `${removal.what} deleted by the API`);
  }
  return toPublicRegistration(aor, bindings, clock.nowMs());
}
