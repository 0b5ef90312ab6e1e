import {
  AddressStatus,
  type ResolveAddressRequest,
  type ResolveAddressResponse,
  SubscriberState,
} from '@rollcall/rpc';
import type { ServedDomains } from './served-domains.ts';
import { mayRegister, type Subscriber } from './subscribers/subscriber.ts';
import type { SubscriberStore } from './subscribers/subscriber-store.ts';

/** What is answered for an address whose domain is not served. */
const foreign: ResolveAddressResponse = {
  aor: '',
  status: AddressStatus.FOREIGN_DOMAIN,
  state: SubscriberState.UNSPECIFIED,
  movedTo: '',
  watchers: [],
  watcherRefused: false,
};
const unknown: ResolveAddressResponse = { ...foreign, status: AddressStatus.UNKNOWN };
const incomplete: ResolveAddressResponse = { ...foreign, status: AddressStatus.INCOMPLETE_NUMBER };

const states = {
  active: SubscriberState.ACTIVE,
  blocked: SubscriberState.BLOCKED,
  gone: SubscriberState.GONE,
  moved: SubscriberState.MOVED,
  ambiguous: SubscriberState.AMBIGUOUS,
} as const;

/**
 * Says whose an address is: a number leads to its subscriber's own AOR, an AOR that somebody may register to itself.
 * "sip:+15551234@example.com" is tried as an AOR and then as a number, with or without user=phone.
 */
export async function resolveAddress(
  request: ResolveAddressRequest,
  domains: ServedDomains,
  store: SubscriberStore,
): Promise<ResolveAddressResponse> {
  const address = await findAddress(request, domains, store);
  if (request.watcher === '') return address;
  return { ...address, watcherRefused: !(await mayWatch(request.watcher, address, store)) };
}

async function findAddress(
  { aor, number, domain }: ResolveAddressRequest,
  domains: ServedDomains,
  store: SubscriberStore,
): Promise<ResolveAddressResponse> {
  if (domain !== '' && !domains.has(domain)) return foreign;
  const byAor = aor === '' ? undefined : await store.findByAor(aor);
  // An AOR that several may register has no state: each of them does.
  if (byAor !== undefined) return known(aor, byAor.aors[0] === aor ? byAor : undefined);
  const wanted = number === '' ? numberOf(aor) : number;
  if (wanted === '') return unknown;
  const byNumber = await store.findByNumber(wanted);
  const own = byNumber?.aors[0];
  if (own !== undefined) return known(own, byNumber);
  // Who dials digit by digit has not finished (RFC 3261 §21.4.22).
  return (await store.hasLongerNumber(wanted)) ? incomplete : unknown;
}

function known(aor: string, owner: Subscriber | undefined): ResolveAddressResponse {
  const { state = 'active', movedTo = '', watchers = [] } = owner ?? {};
  return {
    aor,
    status: AddressStatus.KNOWN,
    state: states[state],
    movedTo,
    watchers: [...watchers],
    watcherRefused: false,
  };
}

/** Whoever may register may watch what it may register, and those who name it (RFC 3680 §4.6). */
async function mayWatch(
  watcher: string,
  { aor, watchers }: ResolveAddressResponse,
  store: SubscriberStore,
): Promise<boolean> {
  const subscriber = await store.findByAor(watcher);
  if (subscriber === undefined || subscriber.aors[0] !== watcher || !mayRegister(subscriber)) return false;
  return [aor, ...watchers].some((each) => subscriber.aors.includes(each));
}

/** The E.164 number that the user part of an AOR is; empty where it is none. */
function numberOf(aor: string): string {
  const user = aor.slice('sip:'.length, aor.lastIndexOf('@'));
  if (!user.startsWith('+') || user.length < 3 || user.length > 16) return '';
  for (let i = 1; i < user.length; i += 1) {
    const code = user.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return '';
  }
  return user;
}
