import { isDeepStrictEqual } from 'node:util';
import type { SipMessage, SipResponse } from '@rollcall/sip';

/** The product did not do what a row asks. */
export class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure';
}

/** Fails with both values where they are not deeply equal. */
export function expectEqual<T>(actual: T, expected: T, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new ConformanceFailure(`${what}: expected ${show(expected)}, received ${show(actual)}`);
}

/** Fails where a condition does not hold; `what` says what should. */
export function expectTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ConformanceFailure(what);
}

/** Fails where a text does not match. */
export function expectMatch(actual: string | undefined, pattern: RegExp, what: string): void {
  if (actual !== undefined && pattern.test(actual)) return;
  throw new ConformanceFailure(`${what}: expected ${String(pattern)}, received ${show(actual)}`);
}

/** Fails where a response has none of the statuses. */
export function expectStatus(response: SipResponse, ...allowed: readonly number[]): void {
  if (allowed.includes(response.status)) return;
  const received = `${response.status} ${response.reasonPhrase}`;
  throw new ConformanceFailure(`status: expected ${allowed.join(' or ')}, received ${received}`);
}

/** Fails where a message is no response. */
export function asResponse(message: SipMessage): SipResponse {
  if (message.kind === 'response') return message;
  throw new ConformanceFailure(`expected a response, received ${message.method} ${message.requestUri}`);
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? 'nothing');
}
