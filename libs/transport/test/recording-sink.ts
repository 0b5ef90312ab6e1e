import { EventEmitter, once } from 'node:events';
import type { SipParseError } from '@rollcall/sip';
import type { CloseReason, Flow, MessageSink } from '../src/index.ts';

/** A sink that remembers, and that can be waited for. */
export class RecordingSink implements MessageSink {
  readonly messages: { readonly text: string; readonly flow: Flow }[] = [];
  readonly framingErrors: (number | undefined)[] = [];
  readonly opened: Flow[] = [];
  readonly closed: CloseReason[] = [];
  /** What each message, and each framing error, is answered with. */
  answer: ((text: string, flow: Flow) => void) | undefined;
  readonly #changes = new EventEmitter();

  onMessage(bytes: Buffer, flow: Flow): void {
    const text = bytes.toString('latin1');
    this.messages.push({ text, flow });
    this.answer?.(text, flow);
    this.#changes.emit('change');
  }

  onFramingError(error: SipParseError, head: Buffer, flow: Flow): void {
    this.framingErrors.push(error.status);
    this.answer?.(head.toString('latin1'), flow);
    this.#changes.emit('change');
  }

  onFlowOpened(flow: Flow): void {
    this.opened.push(flow);
    this.#changes.emit('change');
  }

  onFlowClosed(_flow: Flow, reason: CloseReason): void {
    this.closed.push(reason);
    this.#changes.emit('change');
  }

  /** The flow of the latest message, or of the latest connection. */
  get flow(): Flow {
    const flow = this.messages.at(-1)?.flow ?? this.opened.at(-1);
    if (flow === undefined) throw new RangeError('no flow yet');
    return flow;
  }

  async until(holds: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(10_000);
    while (!holds()) await once(this.#changes, 'change', { signal });
  }
}
