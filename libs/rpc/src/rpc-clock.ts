/** Where time comes from; the Clock of @rollcall/runtime is one. */
export interface RpcClock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Runs once after the delay in milliseconds. */
  after(delayMs: number, run: () => void): { cancel(): void };
}
