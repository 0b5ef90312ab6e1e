import { cases as comparison } from './cases/i-comparison.ts';
import { cases as challenge } from './cases/j-challenge.ts';
import { cases as credentials } from './cases/j-credentials.ts';
import { cases as digestPolicy } from './cases/j-policy.ts';
import { cases as torture } from './cases/k-torture.ts';
import { cases as ipv6Torture } from './cases/l-ipv6-torture.ts';
import { cases as path } from './cases/m-path.ts';
import { cases as regEvent } from './cases/n-reg-event.ts';
import { cases as capabilities } from './cases/o-capabilities.ts';
import { cases as flows } from './cases/p-flows.ts';
import { cases as outbound } from './cases/p-outbound.ts';
import { cases as gruu } from './cases/q-gruu.ts';
import { cases as extensions } from './cases/q-to-v-extensions.ts';
import { cases as tls } from './cases/r-tls.ts';
import { cases as bulk } from './cases/s-bulk.ts';
import { cases as webSockets } from './cases/t-websocket.ts';
import { cases as push } from './cases/u-push.ts';
import { cases as replicas } from './cases/w-replicas.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** Cases of areas I to W. */
export const extensionCases: readonly ConformanceCase[] = [
  ...comparison,
  ...challenge,
  ...credentials,
  ...digestPolicy,
  ...torture,
  ...ipv6Torture,
  ...path,
  ...regEvent,
  ...capabilities,
  ...outbound,
  ...flows,
  ...gruu,
  ...extensions,
  ...tls,
  ...bulk,
  ...webSockets,
  ...push,
  ...replicas,
];
