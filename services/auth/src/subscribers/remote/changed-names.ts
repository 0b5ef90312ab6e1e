import { encodeUtf8 } from '@rollcall/sip';
import { formsOfName } from '../subscriber.ts';
import type { ChangedSubscriber } from '../subscriber-store.ts';

/**
 * Every name under which a subscriber may have a vector.
 *
 * @param username as its source gives it: text for people, as is `domain`
 */
export function namesOfSubscriber(username: string, domain: string): ChangedSubscriber[] {
  const realm = domain.toLowerCase();
  return formsOfName(encodeUtf8(username), realm).map((name) => ({ realm, username: name }));
}
