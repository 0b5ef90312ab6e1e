import { uriParam } from './uri-param-text.ts';

/** What a contact URI says of the service that wakes its device up (RFC 8599 §8): values as received, '' where absent. */
export interface PushTarget {
  /** The push notification service; '' asks which ones are served. */
  readonly provider: string;
  /** What the service needs beside the identifier. */
  readonly param: string;
  /** The device's identifier at the service. */
  readonly prid: string;
}

/** The push parameters of a contact URI; undefined where it has no pn-provider: the others mean nothing without it. */
export function readPushTarget(uri: string): PushTarget | undefined {
  const provider = uriParam(uri, 'pn-provider');
  if (provider === undefined) return undefined;
  return { provider, param: uriParam(uri, 'pn-param') ?? '', prid: uriParam(uri, 'pn-prid') ?? '' };
}
