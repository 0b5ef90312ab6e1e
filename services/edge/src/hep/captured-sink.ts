import type { SipParseError } from '@rollcall/sip';
import type { CloseReason, Flow, MessageSink } from '@rollcall/transport';
import type { HepCapture, MessageWay } from './hep-capture.ts';

/** An edge of whose messages copies are made: stands between it and the sockets, and only where copies are wanted. */
export class CapturedSink implements MessageSink {
  readonly #edge: MessageSink;
  readonly #capture: HepCapture;

  constructor(edge: MessageSink, capture: HepCapture) {
    this.#edge = edge;
    this.#capture = capture;
  }

  onMessage(bytes: Buffer, flow: Flow): void {
    this.#capture.received(bytes, flow);
    this.#edge.onMessage(bytes, flow);
  }

  onFramingError(error: SipParseError, head: Buffer, flow: Flow): void {
    this.#capture.received(head, flow);
    this.#edge.onFramingError(error, head, flow);
  }

  onFlowOpened(flow: Flow): void {
    this.#edge.onFlowOpened?.(flow);
  }

  onFlowClosed(flow: Flow, reason: CloseReason): void {
    this.#edge.onFlowClosed?.(flow, reason);
  }

  onSent(bytes: Buffer, way: MessageWay): void {
    this.#capture.sent(bytes, way);
  }
}
