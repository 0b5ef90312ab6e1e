import type { RedirectCalls } from '@rollcall/rpc';
import { formatContact } from './contact-row.ts';
import type { Exchange } from './exchange.ts';
import { allowRow, isKnownMethod } from './methods.ts';
import { flowToProto } from './proto-mapping.ts';

/** As for REGISTER: an answer, or a 503, within a second. */
const redirectTimeoutMs = 900;

/** Everything that addresses a user is redirected to where the user is (RFC 3261 section 8.3). */
export class RedirectRoute {
  readonly #redirect: RedirectCalls;
  readonly #edgeName: string;

  constructor(parts: { redirect: RedirectCalls; edgeName: string }) {
    this.#redirect = parts.redirect;
    this.#edgeName = parts.edgeName;
  }

  /**
   * Answers with the target set, or says why there is none.
   *
   * A method that nobody knows is redirected too, as section 8.3 asks of a redirect server; only where there is
   * nowhere to redirect it to, section 8.2.1 applies: 501.
   *
   * @throws ServiceFault where the redirect service cannot answer.
   */
  async answer(exchange: Exchange): Promise<void> {
    const { outcome } = await this.#redirect.resolve(
      {
        requestUri: exchange.request.requestUri,
        method: exchange.request.method,
        flow: flowToProto(exchange.flow, this.#edgeName),
        acceptContact: [...exchange.request.values('accept-contact')],
        rejectContact: [...exchange.request.values('reject-contact')],
        requestDisposition: [...exchange.request.values('request-disposition')],
      },
      { timeoutMs: redirectTimeoutMs, traceparent: exchange.traceparent },
    );
    switch (outcome?.$case) {
      case 'redirected': {
        let rows = '';
        for (const target of outcome.value.targets) {
          if (outcome.value.permanent) rows += `Contact: <${target.uri}>\r\n`;
          else rows += formatContact(target.uri, target.qMilli, target.expiresSec, target.params);
        }
        return exchange.reply(outcome.value.permanent ? 301 : 302, rows);
      }
      case 'refused': {
        const { status, reasonPhrase, retryAfterSec, warning } = outcome.value;
        if (status < 500 && !isKnownMethod(exchange.request.method)) return exchange.reply(501, allowRow);
        const retryRow = retryAfterSec > 0 ? `Retry-After: ${retryAfterSec}\r\n` : '';
        const warningRow = warning === '' ? '' : `Warning: ${warning}\r\n`;
        return exchange.reply(status, retryRow + warningRow, reasonPhrase || undefined);
      }
      default:
        return exchange.reply(500);
    }
  }
}
