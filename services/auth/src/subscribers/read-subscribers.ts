import type { DigestAlgorithm } from '@rollcall/digest';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { makeSubscriber, type Subscriber, type SubscriberEntry, userOf } from './subscriber.ts';
import { readSubscriber } from './subscriber-schema.ts';

/** Something about a line of the file, to be shown as "file:line: text". */
export interface FileRemark {
  readonly line: number;
  readonly text: string;
}

/** What a file came to: its subscribers, or what is wrong with it. */
export type SubscribersRead =
  | {
      readonly ok: true;
      readonly subscribers: readonly Subscriber[];
      readonly warnings: readonly FileRemark[];
    }
  | { readonly ok: false; readonly problems: readonly FileRemark[] };

/** More problems than this are counted, not listed. */
const maxProblemsListed = 20;

/** Reads the text of a subscribers.yaml. Passwords are turned into HA1 for the algorithms given. */
export function readSubscribers(text: string, algorithms: readonly DigestAlgorithm[]): SubscribersRead {
  const lines = new LineCounter();
  // "failsafe": every scalar is text. An alias bomb is cut off by the parser's default limit.
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const problems: FileRemark[] = document.errors.map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    text: firstLine(error.message),
  }));
  if (problems.length > 0) return refuse(problems);
  let items: unknown;
  try {
    items = document.toJS();
  } catch (error) {
    return refuse([{ line: 1, text: error instanceof Error ? firstLine(error.message) : 'cannot be read' }]);
  }
  if (!Array.isArray(items)) {
    const empty = text.trim() === '' || document.contents === null;
    return refuse([
      { line: 1, text: empty ? 'is empty; write [] for no subscribers' : 'must be a list of subscribers' },
    ]);
  }
  const places = new Places(document, lines);
  const entries: Placed[] = [];
  for (const [index, item] of items.entries()) {
    const read = readSubscriber(item);
    if ('entry' in read) {
      entries.push({ entry: read.entry, line: places.lineOf([index]), index });
      continue;
    }
    for (const { path, problem } of read.problems) {
      problems.push({
        line: places.lineOf([index, ...path]),
        text: [...path.map(String), problem].join(' '),
      });
    }
  }
  problems.push(...findDuplicates(entries, places));
  if (problems.length > 0) return refuse(problems);
  return {
    ok: true,
    subscribers: entries.map(({ entry }) => makeSubscriber(entry, algorithms)),
    warnings: entries.flatMap((placed) => missingHa1(placed, algorithms)),
  };
}

interface Placed {
  readonly entry: SubscriberEntry;
  readonly line: number;
  readonly index: number;
}

function refuse(problems: FileRemark[]): SubscribersRead {
  problems.sort((a, b) => a.line - b.line);
  const more = problems.length - maxProblemsListed;
  const last = problems[maxProblemsListed];
  if (more <= 0 || last === undefined) return { ok: false, problems };
  const rest = { line: last.line, text: `and ${more} more problems from here on` };
  return { ok: false, problems: [...problems.slice(0, maxProblemsListed), rest] };
}

/** Finds what two subscribers cannot both have: a name in a domain, a number. */
function findDuplicates(entries: readonly Placed[], places: Places): FileRemark[] {
  const problems: FileRemark[] = [];
  const users = new Map<string, number>();
  const numbers = new Map<string, number>();
  for (const { entry, line, index } of entries) {
    const user = `${userOf(entry.username, entry.domain)}@${entry.domain}`;
    const before = users.get(user);
    if (before === undefined) users.set(user, line);
    else problems.push({ line, text: `username is that of line ${before} again` });
    for (const [at, number] of (entry.numbers ?? []).entries()) {
      const taken = numbers.get(number);
      const here = places.lineOf([index, 'numbers', at]);
      if (taken === undefined) numbers.set(number, here);
      else problems.push({ line: here, text: `numbers ${number} is on line ${taken} already` });
    }
  }
  return problems;
}

/** A phone answers the strongest challenge it knows: without HA1 for that algorithm its user can never pass. */
function missingHa1({ entry, line }: Placed, algorithms: readonly DigestAlgorithm[]): FileRemark[] {
  if (entry.ha1 === undefined) return [];
  const missing = algorithms.filter((algorithm) =>
    entry.ha1?.every((stored) => stored.algorithm !== algorithm),
  );
  if (missing.length === 0) return [];
  return [
    {
      line,
      text: `ha1 lacks ${missing.join(' and ')}, which AUTH_ALGORITHMS offers; phones that choose it fail`,
    },
  ];
}

/** Where in the file a path of the data is. */
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
