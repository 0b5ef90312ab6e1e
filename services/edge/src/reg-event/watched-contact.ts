import type { WatchedContact as ContactMessage } from '@rollcall/rpc';
import { type ContactEventName, nameOfEvent } from './contact-event.ts';

/** One contact of a watched registration. Texts are for people: characters, not bytes. */
export interface WatchedContact {
  /** Names the contact within its AOR, from refresh to refresh. */
  readonly id: string;
  readonly event: ContactEventName;
  readonly uri: string;
  /** Contact parameters that RFC 3261 does not define, each with its leading semicolon. */
  readonly params: string;
  /** When the binding ends, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** In thousandths; undefined where it was not given. */
  readonly qMilli: number | undefined;
  /** Empty where absent. */
  readonly instanceId: string;
  /** 0 where absent. */
  readonly regId: number;
  /** Of the last registration; empty where it is not known. */
  readonly callId: string;
  readonly cseq: number;
  /** Empty for none. */
  readonly publicGruu: string;
  /** Empty for none. */
  readonly temporaryGruu: string;
  /** CSeq of the REGISTER that brought the oldest temporary GRUU that is still good. */
  readonly firstCseq: number;
  /** For probation. */
  readonly retryAfterSec: number;
}

/** A contact as the registrar tells it; undefined where a newer one tells an event that is not known here. */
export function readWatchedContact(message: ContactMessage, nowMs: number): WatchedContact | undefined {
  const event = nameOfEvent(message.event);
  if (event === undefined) return undefined;
  const { expiresSec, qMilli, ...rest } = message;
  return { ...rest, event, qMilli, expiresAtMs: nowMs + expiresSec * 1000 };
}
