import { createHmac, timingSafeEqual } from 'node:crypto';
import { invalidArgument } from '../faults.ts';

/** Where a listing goes on. */
export interface PagePlace {
  /** The shard that is being listed. */
  readonly shard: number;
  /** The last AOR of it that was returned or passed over; empty for none. */
  readonly after: string;
  /** When the listing began, in milliseconds since 1970. */
  readonly startedAtMs: number;
}

const macBytes = 16;
const version = '1';

/**
 * A place as an opaque text. It is bound to the query: the token of one listing is none of another.
 *
 * @param query everything that must be the same from page to page
 */
export function formatPageToken(place: PagePlace, query: string, secret: Buffer): string {
  const text = [version, place.shard, place.startedAtMs, place.after].join(' ');
  return Buffer.concat([sign(text, query, secret), Buffer.from(text, 'latin1')]).toString('base64url');
}

/** @throws ServiceFault PAGE_TOKEN_INVALID where this service did not make it, or made it for another query */
export function readPageToken(token: string, query: string, secret: Buffer): PagePlace {
  const bytes = Buffer.from(token, 'base64url');
  const text = bytes.toString('latin1', macBytes);
  const mac = bytes.subarray(0, macBytes);
  if (mac.length < macBytes || !timingSafeEqual(mac, sign(text, query, secret))) {
    throw invalidArgument('PAGE_TOKEN_INVALID', 'no page token of this listing; start without one');
  }
  const [, shard = '', startedAtMs = '', after = ''] = text.split(' ');
  return { shard: Number(shard), after, startedAtMs: Number(startedAtMs) };
}

function sign(text: string, query: string, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(`${query}\n${text}`, 'latin1').digest().subarray(0, macBytes);
}
