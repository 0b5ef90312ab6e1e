import type { Backend } from './backend.ts';
import { limits } from './limits.ts';
import type { RpcClock } from './rpc-clock.ts';

/** How long a backend whose stream broke is left alone. */
const avoidMs = 100;

/** Items that wait for a backend: for a moment only, since a caller is told soon that there is none. */
export class WaitingRoom<Item extends { readonly deadlineAtMs: number }> {
  readonly #clock: RpcClock;
  readonly #avoided = new WeakMap<Backend, { untilMs: number; generation: number }>();
  #items: Item[] = [];
  /** Since when there is no backend; undefined while there is one. */
  #sinceMs: number | undefined;

  constructor(clock: RpcClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#items.length;
  }

  /** False once there has been no backend for so long that waiting is no use. */
  mayWait(nowMs: number): boolean {
    this.#sinceMs ??= nowMs;
    return nowMs - this.#sinceMs < limits.noBackendGraceMs;
  }

  add(item: Item): void {
    this.#items.push(item);
  }

  /** There is a backend again. */
  available(): void {
    this.#sinceMs = undefined;
  }

  takeAll(): readonly Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** Leaves a backend alone for a moment, or until it is connected anew: its stream broke. */
  avoid(backend: Backend, nowMs: number): void {
    this.#avoided.set(backend, { untilMs: nowMs + avoidMs, generation: backend.generation });
  }

  isAvoided(backend: Backend, nowMs: number): boolean {
    const avoided = this.#avoided.get(backend);
    return avoided !== undefined && nowMs < avoided.untilMs && avoided.generation === backend.generation;
  }

  /** Lets items go whose deadline passed, and all of them once waiting is no use. */
  sweep(nowMs: number, expire: (item: Item) => void, giveUp: (item: Item) => void): void {
    if (this.#items.length === 0) return;
    const items = this.takeAll();
    const useless = !this.mayWait(this.#clock.nowMs());
    for (const item of items) {
      if (item.deadlineAtMs <= nowMs) expire(item);
      else if (useless) giveUp(item);
      else this.#items.push(item);
    }
  }
}
