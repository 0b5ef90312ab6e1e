import type { EventHeader } from '@rollcall/sip';

/** The package that is served here. */
export const regPackage = 'reg';

/** What a response tells of it (RFC 6665 §8.2.2). */
export const allowEventsRow = `Allow-Events: ${regPackage}\r\n`;

/**
 * Packages whose notifiers are phones and servers of users: a SUBSCRIBE for one of these is for the user, and is redirected
 * to where the user is, as any request is.
 */
const ofUsers: ReadonlySet<string> = new Set([
  'as-feature-event',
  'call-completion',
  'conference',
  'dialog',
  'kpml',
  'line-seize',
  'message-summary',
  'poc-settings',
  'presence',
  'refer',
  'spirits-INDPs',
  'spirits-user-prof',
  'ua-profile',
  'vq-rtcpxr',
  'winfo',
  'xcap-diff',
]);

/** Whose the package is: ours, a user's, or nobody's here. Templates go with their package ("presence.winfo"). */
export function ownerOfPackage({ type }: EventHeader): 'edge' | 'user' | undefined {
  if (type === regPackage) return 'edge';
  return ofUsers.has(type.split('.')[0] ?? '') ? 'user' : undefined;
}
