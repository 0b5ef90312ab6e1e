import { expandBulkContact, isBulkContact } from '@rollcall/sip';
import type { BoundContact } from './target-set.ts';

/** What is called at an AOR. */
export interface Called {
  /** The AOR that the bindings are of. */
  readonly aor: string;
  /** The number in E.164 form with "+", where one is called; empty otherwise. */
  readonly number: string;
  /** The sg parameter of the GRUU called (RFC 6140 §7.1.1); undefined where there is none. */
  readonly sg: string | undefined;
}

/**
 * The bindings that a call is for, where an AOR is a trunk's: its Bulk Number Contact becomes the contact of the number
 * called (RFC 6140 §5.2), beside what that number has registered by itself. Without a bulk registration all numbers of
 * a subscriber are names of its AOR, and all bindings are meant.
 */
export function bindingsOfCalled(bindings: readonly BoundContact[], called: Called): readonly BoundContact[] {
  if (!bindings.some(({ uri }) => isBulkContact(uri))) return bindings;
  const meant = new Map<string, BoundContact>();
  for (const binding of bindings) {
    if (isBulkContact(binding.uri)) {
      // Whoever is no number is nobody that the trunk knows.
      if (called.number === '') continue;
      const uri = expandBulkContact(binding.uri, called.number, called.sg);
      meant.set(uri, { ...binding, uri });
    } else if (isNamed(binding, called)) {
      meant.set(binding.uri, binding);
    }
  }
  return [...meant.values()];
}

/** Registered under the name that is called: the number, or the AOR itself, which may be spelt as a number too. */
function isNamed({ number }: BoundContact, called: Called): boolean {
  if (number !== undefined) return number === called.number;
  return called.number === '' || called.aor.startsWith(`sip:${called.number}@`);
}
