import type { Param } from './cursor.ts';
import { type DigestCredentials, parseCredentialsIn, parseDigestCredentials } from './digest-headers.ts';
import { inHeader } from './errors.ts';
import {
  type EventHeader,
  parseEvent,
  parseParameterised,
  parseSubscriptionState,
  type SubscriptionState,
} from './event.ts';
import type { MessageParts } from './header-rows.ts';
import { MessageHeaders } from './message.ts';
import { parseSipDate } from './sip-date.ts';
import { parseUri, type Uri } from './uri.ts';

function readUri(text: string, header: string): Uri {
  try {
    return parseUri(text);
  } catch (error) {
    throw inHeader(error, header);
  }
}

/** A request as received. Made by parseMessage. */
export class SipRequest extends MessageHeaders {
  readonly kind = 'request';
  /** As received: methods are case-sensitive (RFC 3261 §7.1). */
  readonly method: string;
  /** As received. */
  readonly requestUri: string;
  /** As received; see validateRequest. */
  readonly version: string;
  #uri: Uri | undefined;
  #toUri: Uri | undefined;

  constructor(parts: MessageParts, method: string, requestUri: string, version: string) {
    super(parts);
    this.method = method;
    this.requestUri = requestUri;
    this.version = version;
  }

  /** The Request-URI, read. */
  get uri(): Uri {
    this.#uri ??= readUri(this.requestUri, 'Request-URI');
    return this.#uri;
  }

  /** The URI of the To header, read. */
  get toUri(): Uri {
    this.#toUri ??= readUri(this.to.uri, 'To');
    return this.#toUri;
  }

  /** Digest credentials, one for each Authorization row with that scheme. */
  get authorization(): readonly DigestCredentials[] {
    const found: DigestCredentials[] = [];
    for (const cell of this.cells('authorization')) {
      const credentials = this.#readCredentials(cell);
      if (credentials !== undefined) found.push(credentials);
    }
    return found;
  }

  #readCredentials(cell: number): DigestCredentials | undefined {
    try {
      return this.parts.folded
        ? parseDigestCredentials(this.rowText(cell))
        : parseCredentialsIn(this.text, this.valueStart(cell), this.valueEnd(cell));
    } catch (error) {
      throw inHeader(error, 'Authorization');
    }
  }

  /** The Event header; undefined where absent. */
  get event(): EventHeader | undefined {
    const row = this.row('event');
    try {
      return row === undefined ? undefined : parseEvent(row);
    } catch (error) {
      throw inHeader(error, 'Event');
    }
  }

  /** The Subscription-State header; undefined where absent. */
  get subscriptionState(): SubscriptionState | undefined {
    const row = this.row('subscription-state');
    return row === undefined ? undefined : parseSubscriptionState(row);
  }

  /** The Content-Type header; undefined where absent. */
  get contentType(): { readonly value: string; readonly params: readonly Param[] } | undefined {
    const row = this.row('content-type');
    return row === undefined ? undefined : parseParameterised(row);
  }

  /** The Date header in milliseconds since 1970; undefined where absent or malformed. */
  get dateAtMs(): number | undefined {
    return parseSipDate(this.row('date') ?? '');
  }
}
