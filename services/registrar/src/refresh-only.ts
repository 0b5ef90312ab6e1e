import { sameUri } from '@rollcall/sip';

/** What identifies a binding within its AOR. */
export interface BindingIdentity {
  readonly uri: string;
  readonly instanceId: string;
  readonly regId: number;
}

/**
 * True where every contact asked for is bound already, by flow (RFC 5626 §6) or by URI. While no auth answers, this is
 * all that cached vectors are good for: who was let in stays in, nobody and nothing new comes in.
 */
export function asksNothingNew(
  asked: readonly (BindingIdentity & { readonly expiresSec: number })[],
  bound: readonly BindingIdentity[],
): boolean {
  return asked.every(
    (contact) => contact.expiresSec === 0 || bound.some((binding) => isSameBinding(contact, binding)),
  );
}

function isSameBinding(one: BindingIdentity, other: BindingIdentity): boolean {
  if (one.regId > 0 && one.instanceId !== '')
    return one.instanceId === other.instanceId && one.regId === other.regId;
  return sameUri(one.uri, other.uri);
}
