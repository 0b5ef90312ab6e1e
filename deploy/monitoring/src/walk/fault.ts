import type { WatchedProduct } from '../live/watched-product.ts';

/** One command of the runbook, and what it must say while the fault lasts. */
export interface Check {
  /** Word for word as it stands under the alert's heading, or under `heading`. */
  readonly command: string;
  readonly says: RegExp;
  readonly heading?: string;
  readonly fillIn?: Readonly<Record<string, string>>;
  /** Whose port 8080 is looked at. */
  readonly pod?: string;
}

/** Something that breaks, the alert that must say so, and how the runbook finds and mends it. */
export interface Fault {
  readonly what: string;
  /** The alert that is waited for. */
  readonly alert: string;
  /** Breaks it; what comes back mends it, as the runbook's Do says. */
  readonly breakIt: (product: WatchedProduct) => Promise<() => Promise<void>>;
  readonly checks: readonly Check[];
  /** What phones are told meanwhile, by the runbook's probe. */
  readonly probeSays: RegExp;
}
