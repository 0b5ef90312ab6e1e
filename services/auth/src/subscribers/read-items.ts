import type { DigestAlgorithm } from '@rollcall/digest';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { makeSubscriber, type Subscriber, type SubscriberEntry } from './subscriber.ts';
import { readSubscriber } from './subscriber-schema.ts';

/** Something about a line of the file, to be shown as "file:line: text". */
export interface FileRemark {
  readonly line: number;
  readonly text: string;
}

/** One subscriber of a text, and where it stands there. */
export interface ReadItem {
  readonly subscriber: Subscriber;
  readonly line: number;
  /** The line of each of its numbers. */
  readonly numberLines: readonly number[];
  readonly warnings: readonly FileRemark[];
}

/** The subscribers of a text, or what is wrong with it; lines count from 1. */
export type ItemsRead =
  | { readonly ok: true; readonly items: readonly ReadItem[] }
  | { readonly ok: false; readonly problems: readonly FileRemark[] };

/** Reads a YAML list of subscribers. Passwords are turned into HA1 for the algorithms given. */
export function readItems(text: string, algorithms: readonly DigestAlgorithm[]): ItemsRead {
  const lines = new LineCounter();
  // "failsafe": every scalar is text. An alias bomb is cut off by the parser's default limit.
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const problems: FileRemark[] = document.errors.map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    text: firstLine(error.message),
  }));
  if (problems.length > 0) return { ok: false, problems };
  let list: unknown;
  try {
    list = document.toJS();
  } catch (error) {
    return refuse(error instanceof Error ? firstLine(error.message) : 'cannot be read');
  }
  if (!Array.isArray(list)) {
    const empty = text.trim() === '' || document.contents === null;
    return refuse(empty ? 'is empty; write [] for no subscribers' : 'must be a list of subscribers');
  }
  const places = new Places(document, lines);
  const items: ReadItem[] = [];
  for (const [index, data] of list.entries()) {
    const read = readSubscriber(data);
    if ('entry' in read) {
      items.push(makeItem(read.entry, index, places, algorithms));
      continue;
    }
    for (const { path, problem } of read.problems) {
      problems.push({
        line: places.lineOf([index, ...path]),
        text: `${named(path)}${problem}`,
      });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, items };
}

function refuse(text: string): ItemsRead {
  return { ok: false, problems: [{ line: 1, text }] };
}

function makeItem(
  entry: SubscriberEntry,
  index: number,
  places: Places,
  algorithms: readonly DigestAlgorithm[],
): ReadItem {
  const line = places.lineOf([index]);
  return {
    subscriber: makeSubscriber(entry, algorithms),
    line,
    numberLines: (entry.numbers ?? []).map((_, at) => places.lineOf([index, 'numbers', at])),
    warnings: missingHa1(entry, algorithms).map((text) => ({ line, text })),
  };
}

/** A phone answers the strongest challenge it knows: without HA1 for that algorithm its user can never pass. */
function missingHa1({ ha1 }: SubscriberEntry, algorithms: readonly DigestAlgorithm[]): string[] {
  if (ha1 === undefined) return [];
  const missing = algorithms.filter((algorithm) => ha1.every((stored) => stored.algorithm !== algorithm));
  if (missing.length === 0) return [];
  return [`ha1 lacks ${missing.join(' and ')}, which AUTH_ALGORITHMS offers; phones that choose it fail`];
}

/** A path of the data as people write it, with a blank at its end: `numbers[1] `. */
function named(path: readonly PropertyKey[]): string {
  const text = path.map((part, at) =>
    typeof part === 'number' ? `[${part}]` : `${at > 0 ? ' ' : ''}${String(part)}`,
  );
  return text.length === 0 ? '' : `${text.join('')} `;
}

/** Where in the text a path of the data is. */
class Places {
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  /** The line of the longest part of the path that exists; of the key, where the path ends at one. */
  lineOf(path: readonly PropertyKey[]): number {
    for (let length = path.length; length > 0; length -= 1) {
      const parent = this.#document.getIn(path.slice(0, length - 1), true);
      const last = path[length - 1];
      const key = isMap(parent)
        ? parent.items.find((pair) => isScalar(pair.key) && pair.key.value === last)?.key
        : undefined;
      const node = key ?? this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range != null) return this.#lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
