import type { SipResponse } from '@rollcall/sip';

/** What a final answer of 4xx to 6xx means to who typed the command, and what to do; '' where there is nothing to add. */
export function explainStatus(method: string, response: SipResponse, aor: string): string {
  switch (response.status) {
    case 403:
      return method === 'REGISTER'
        ? `refused for good: the user may not register ${aor}, or too many contacts are bound to it (--remove unbinds)`
        : '';
    case 404:
      return `${aor} is not known there: does the server serve the domain, and is the user one of its subscribers?`;
    case 423:
      return `the lifetime is too short: use --expires ${response.minExpiresSec ?? '<more>'}`;
    case 480:
      return `${aor} is known, but not registered now; to change that: npx rollcall register ${aor}`;
    case 503:
      return `the server is overloaded or lacks a service behind it: try again ${retryTime(response)}`;
    case 555:
      return 'nobody there wakes phones by that push service: REGISTRAR_PUSH_PROVIDERS names those that are served';
    default:
      return '';
  }
}

function retryTime(response: SipResponse): string {
  return response.retryAfterSec === undefined ? 'later' : `in ${response.retryAfterSec} s`;
}
