import { encodeUtf8 } from '@rollcall/sip';
import { userOf } from '../subscriber.ts';
import type { ChangedSubscriber } from '../subscriber-store.ts';

/**
 * Every name under which a subscriber may have a vector.
 *
 * @param username as its source gives it: text for people, as is `domain`
 */
export function namesOfSubscriber(username: string, domain: string): ChangedSubscriber[] {
  const realm = domain.toLowerCase();
  const name = encodeUtf8(username);
  const user = userOf(name, realm);
  return [...new Set([name, user, `${user}@${realm}`])].map((each) => ({ realm, username: each }));
}
