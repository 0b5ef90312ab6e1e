import { skipToken } from './characters.ts';
import { parseSeconds } from './decimal.ts';
import {
  type AuthenticationInfo,
  type DigestChallenge,
  parseAuthenticationInfo,
  parseDigestChallenge,
} from './digest-headers.ts';
import type { MessageParts } from './header-rows.ts';
import { MessageHeaders } from './message.ts';
import { parseSipDate } from './sip-date.ts';

/** A response as received. Made by parseMessage. */
export class SipResponse extends MessageHeaders {
  readonly kind = 'response';
  readonly version: string;
  /** 100 to 699. */
  readonly status: number;
  /** A byte string; may be empty. */
  readonly reasonPhrase: string;

  constructor(parts: MessageParts, version: string, status: number, reasonPhrase: string) {
    super(parts);
    this.version = version;
    this.status = status;
    this.reasonPhrase = reasonPhrase;
  }

  /** Digest challenges, one for each WWW-Authenticate row with that scheme, in the server's order of preference. */
  get wwwAuthenticate(): readonly DigestChallenge[] {
    return this.rows('www-authenticate').flatMap((row) => parseDigestChallenge(row) ?? []);
  }

  /** The same for Proxy-Authenticate. */
  get proxyAuthenticate(): readonly DigestChallenge[] {
    return this.rows('proxy-authenticate').flatMap((row) => parseDigestChallenge(row) ?? []);
  }

  /** The Authentication-Info header; undefined where absent. */
  get authenticationInfo(): AuthenticationInfo | undefined {
    const row = this.row('authentication-info');
    return row === undefined ? undefined : parseAuthenticationInfo(row);
  }

  /** Retry-After in seconds, clamped to 2^32-1, without its comment and parameters; undefined where absent or malformed. */
  get retryAfterSec(): number | undefined {
    const row = this.row('retry-after') ?? '';
    return parseSeconds(row, 0, skipToken(row, 0, row.length));
  }

  /** The Date header in milliseconds since 1970; undefined where absent or malformed. */
  get dateAtMs(): number | undefined {
    return parseSipDate(this.row('date') ?? '');
  }
}
