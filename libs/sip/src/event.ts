import { skipToken, trimEnd } from './characters.ts';
import { findParam, newCursor, type Param, readParams } from './cursor.ts';
import { parseSeconds } from './decimal.ts';
import { parseError } from './errors.ts';

/** The Event header (RFC 6665 §8.4). */
export interface EventHeader {
  /** Package with its templates: "reg", "presence.winfo". */
  readonly type: string;
  /** '' where absent. */
  readonly id: string;
  readonly params: readonly Param[];
}

/** The Subscription-State header (RFC 6665 §8.4). */
export interface SubscriptionState {
  /** "active", "pending", "terminated" or an extension. */
  readonly state: string;
  /** '' where absent. */
  readonly reason: string;
  /** undefined where absent. */
  readonly expiresSec: number | undefined;
  /** undefined where absent. */
  readonly retryAfterSec: number | undefined;
}

interface Parameterised {
  readonly value: string;
  readonly params: readonly Param[];
}

const cursor = newCursor();

/** "value;name=value…", where the value is a token or two with a slash. */
export function parseParameterised(row: string): Parameterised {
  const semicolonAt = row.indexOf(';');
  const valueEnd = trimEnd(row, 0, semicolonAt < 0 ? row.length : semicolonAt);
  cursor.at = valueEnd;
  const params = readParams(row, cursor, row.length);
  if (valueEnd === 0 || cursor.at < row.length) throw parseError('SIP_ERR_VALUE', cursor.at);
  return { value: row.slice(0, valueEnd), params };
}

export function parseEvent(row: string): EventHeader {
  const { value, params } = parseParameterised(row);
  if (skipToken(value, 0, value.length) < value.length) throw parseError('SIP_ERR_VALUE', 0);
  return { type: value, id: findParam(params, 'id') ?? '', params };
}

export function parseSubscriptionState(row: string): SubscriptionState {
  const { value, params } = parseParameterised(row);
  return {
    state: value,
    reason: findParam(params, 'reason') ?? '',
    expiresSec: readSeconds(params, 'expires'),
    retryAfterSec: readSeconds(params, 'retry-after'),
  };
}

function readSeconds(params: readonly Param[], name: string): number | undefined {
  const value = findParam(params, name);
  return value === undefined ? undefined : parseSeconds(value, 0, value.length);
}
