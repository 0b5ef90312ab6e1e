import type { Location } from '@rollcall/location';
import type { Clock } from '@rollcall/runtime';

/** A change of the binding table as a person wants to read it. */
export interface ChangeLine {
  readonly atMs: number;
  readonly change: string;
  readonly aor: string;
  /** Absent where all bindings of the AOR went at once. */
  readonly contact?: string | undefined;
  readonly expiresSec?: number | undefined;
  /** The phone's address as the edge saw it. */
  readonly received?: string | undefined;
}

const words: Readonly<Record<string, string>> = {
  created: 'registered',
  refreshed: 'refreshed',
  removed: 'removed',
  deactivated: 'removed',
  expired: 'expired',
  'flow-failed': 'flow ended',
};

/** A person reads no more than this; the rest of a busy second becomes one line. */
const mostLinesPerSec = 40;

/** "21:04:05  registered  sip:alice@example.com -> sip:alice@192.0.2.7:5060, 600 s, from 192.0.2.7:5060". */
export function formatChange(line: ChangeLine): string {
  const time = new Date(line.atMs).toISOString().slice(11, 19);
  const what = `${time}  ${(words[line.change] ?? line.change).padEnd(10)}  ${line.aor}`;
  if (line.contact === undefined) return `${what} (all contacts)`;
  const bound = line.change === 'created' || line.change === 'refreshed';
  const lifetime = bound && line.expiresSec !== undefined ? `, ${line.expiresSec} s` : '';
  const from = bound && line.received ? `, from ${line.received}` : '';
  return `${what} -> ${printable(line.contact)}${lifetime}${from}`;
}

/** What a phone wrote must not move a terminal's cursor. */
function printable(text: string): string {
  let shown = '';
  for (const char of text) {
    const code = char.charCodeAt(0);
    shown += code < 0x20 || code >= 0x7f ? `%${code.toString(16).toUpperCase().padStart(2, '0')}` : char;
  }
  return shown;
}

/** Writes changes as lines, and counts instead of writing while there are too many to read. */
export class ChangeLines {
  readonly #write: (line: string) => void;
  readonly #clock: Clock;
  #second = 0;
  #written = 0;
  #unwritten = 0;

  constructor(parts: { write: (line: string) => void; clock: Clock }) {
    this.#write = parts.write;
    this.#clock = parts.clock;
  }

  /** Shows one change. */
  show(line: ChangeLine): void {
    const second = Math.floor(this.#clock.nowMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#written = 0;
    }
    if (this.#written < mostLinesPerSec) {
      this.#written += 1;
      this.#write(formatChange(line));
      return;
    }
    this.#unwritten += 1;
    if (this.#unwritten === 1) this.#clock.after(1000 - (this.#clock.nowMs() % 1000), () => this.#sumUp());
  }

  #sumUp(): void {
    this.#write(`          … and ${this.#unwritten} more changes in that second`);
    this.#unwritten = 0;
  }
}

/** Shows what this process changes in its binding table on standard output. */
export function showChanges(changes: Location['changes'], clock: Clock): void {
  const lines = new ChangeLines({ write: (line) => process.stdout.write(`${line}\n`), clock });
  changes.subscribe(({ aor, change, binding, atMs }) =>
    lines.show({
      atMs,
      change,
      aor,
      contact: binding?.uri,
      expiresSec: binding && Math.round((binding.expiresAtMs - atMs) / 1000),
      received: binding?.flow?.remoteAddress,
    }),
  );
}
