import type { SipResponse } from '@rollcall/sip';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** One message of an exchange, as JSON shows it. */
export type ExchangeStep =
  | { readonly sent: string; readonly note: string }
  | {
      readonly received: number;
      readonly reasonPhrase: string;
      readonly afterMs: number;
      readonly note: string;
    };

/** Shows each message of an exchange as a line, and keeps them for JSON. */
export class ExchangeLog {
  readonly steps: ExchangeStep[] = [];
  readonly #terminal: Pick<Terminal, 'line' | 'mark'>;

  constructor(terminal: Pick<Terminal, 'line' | 'mark'>) {
    this.#terminal = terminal;
  }

  /** Notes a request. */
  sent(method: string, note: string): void {
    this.steps.push({ sent: method, note });
    this.#terminal.line(`${this.#terminal.mark('→', 'dim')} ${method} ${note}`);
  }

  /** Notes a response. */
  received(response: SipResponse, afterMs: number, note = ''): void {
    const reasonPhrase = printable(response.reasonPhrase);
    this.steps.push({ received: response.status, reasonPhrase, afterMs, note });
    const { mark } = this.#terminal;
    const meaning = response.status < 400 ? 'good' : response.status === 401 ? 'strong' : 'bad';
    const status = mark(`${response.status} ${reasonPhrase}`, meaning);
    const rest = note === '' ? '' : ` ${note}`;
    this.#terminal.line(`${mark('←', 'dim')} ${status}${rest} ${mark(`(${afterMs} ms)`, 'dim')}`);
  }
}
