import { createHmac, randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DigestAlgorithm } from '@rollcall/digest';
import { type FileRemark, type ReadItem, readItems } from './read-items.ts';
import { splitItems } from './split-items.ts';
import { type Subscriber, userOf } from './subscriber.ts';

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

/** Parts that are parsed in one turn of the event loop: some milliseconds. */
const partsPerTurn = 32;

/**
 * Reads the text of a subscribers.yaml, time and again: what has not changed since the last reading is not parsed again,
 * so that an edit of a large file takes effect at once. Parsing costs about 100 µs for a subscriber.
 */
export class SubscribersReader {
  readonly #algorithms: readonly DigestAlgorithm[];
  /** Parts hold passwords; they are known by a hash under a key that nobody else has. */
  readonly #key = randomBytes(32);
  #known: ReadonlyMap<string, readonly ReadItem[]> = new Map();

  /** Passwords are turned into HA1 for the algorithms given. */
  constructor(algorithms: readonly DigestAlgorithm[]) {
    this.#algorithms = algorithms;
  }

  async read(text: string): Promise<SubscribersRead> {
    const known = new Map<string, readonly ReadItem[]>();
    const items: ReadItem[] = [];
    const problems: FileRemark[] = [];
    let parsed = 0;
    for (const part of splitItems(text)) {
      const name = createHmac('sha256', this.#key).update(part.text).digest('base64url');
      let read = this.#known.get(name);
      if (read === undefined) {
        parsed += 1;
        if (parsed % partsPerTurn === 0) await nextTurn();
        const result = readItems(part.text, this.#algorithms);
        if (!result.ok) {
          problems.push(...result.problems.map((problem) => moveBy(part.line - 1, problem)));
          continue;
        }
        read = result.items;
      }
      known.set(name, read);
      for (const item of read) items.push(part.line === 1 ? item : moveItem(part.line - 1, item));
    }
    problems.push(...findDuplicates(items));
    if (problems.length > 0) return refuse(problems);
    this.#known = known;
    return {
      ok: true,
      subscribers: items.map(({ subscriber }) => subscriber),
      warnings: items.flatMap(({ warnings }) => warnings),
    };
  }
}

function moveBy(lines: number, { line, text }: FileRemark): FileRemark {
  return { line: line + lines, text };
}

function moveItem(lines: number, { subscriber, line, numberLines, warnings }: ReadItem): ReadItem {
  return {
    subscriber,
    line: line + lines,
    numberLines: numberLines.map((each) => each + lines),
    warnings: warnings.map((warning) => moveBy(lines, warning)),
  };
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
function findDuplicates(items: readonly ReadItem[]): FileRemark[] {
  const problems: FileRemark[] = [];
  const users = new Map<string, number>();
  const numbers = new Map<string, number>();
  for (const { subscriber, line, numberLines } of items) {
    const { username, domain } = subscriber;
    const user = `${userOf(username, domain)}@${domain}`;
    const before = users.get(user);
    if (before === undefined) users.set(user, line);
    else problems.push({ line, text: `username is that of line ${before} again` });
    for (const [at, number] of subscriber.numbers.entries()) {
      const taken = numbers.get(number);
      const here = numberLines[at] ?? line;
      if (taken === undefined) numbers.set(number, here);
      else problems.push({ line: here, text: `numbers ${number} is on line ${taken} already` });
    }
  }
  return problems;
}
