import type { SubscribeResponse } from '@rollcall/rpc';
import type { Challenged } from './owed-challenge.ts';
import type { Rejection } from './rejection.ts';

type Granted = Extract<SubscribeResponse['outcome'], { $case: 'granted' }>['value'];

/** What a SUBSCRIBE came to, before it is put into the words of the contract. */
export type SubscribeOutcome =
  | { readonly kind: 'granted'; readonly granted: Granted }
  | Challenged
  | Rejection;
