/** One value of a feature tag (RFC 3840 §9): a text, or a range of numbers; `negated` for anything but it. */
interface FeatureValue {
  readonly negated: boolean;
  readonly text: string;
  /** Absent where it is no number. */
  readonly range: readonly [number, number] | undefined;
}

/** Feature tags in lower case with their values, any of which will do. */
export type FeatureSet = ReadonlyMap<string, readonly FeatureValue[]>;

/** A parameter: its name in lower case, its value as written; undefined where it has none. */
export interface WrittenParam {
  readonly name: string;
  readonly value: string | undefined;
  /** As written, with its leading semicolon. */
  readonly text: string;
}

/** Tags that need no "+" before their name (RFC 3840 §9 and the IANA registry behind it). */
const baseTags = new Set([
  'actor',
  'application',
  'audio',
  'automata',
  'class',
  'control',
  'data',
  'description',
  'duplex',
  'events',
  'extensions',
  'isfocus',
  'language',
  'methods',
  'mobility',
  'priority',
  'schemes',
  'text',
  'type',
  'video',
]);

/** True for a contact parameter that says what the contact can do. */
export function isFeatureTag(name: string): boolean {
  return name.startsWith('+') || baseTags.has(name);
}

/** The feature tags among parameters; see {@link splitParams}. */
export function readFeatures(params: readonly WrittenParam[]): FeatureSet {
  const features = new Map<string, readonly FeatureValue[]>();
  for (const { name, value } of params) {
    if (isFeatureTag(name)) features.set(name, readValues(value));
  }
  return features;
}

/** Splits what follows a name-addr: each parameter with its leading semicolon; quoted values may hold any character. */
export function splitParams(text: string): WrittenParam[] {
  const params: WrittenParam[] = [];
  let from = text.indexOf(';');
  while (from >= 0 && from < text.length) {
    const next = endOfParam(text, from + 1);
    const written = text.slice(from, next);
    const equals = written.indexOf('=');
    const name = written.slice(1, equals < 0 ? undefined : equals);
    const value = equals < 0 ? undefined : written.slice(equals + 1).trim();
    params.push({ name: name.trim().toLowerCase(), value, text: written });
    from = next;
  }
  return params;
}

/** True where something can be what both lists allow. */
export function haveCommonValue(ours: readonly FeatureValue[], theirs: readonly FeatureValue[]): boolean {
  return ours.some((one) => theirs.some((other) => areCompatible(one, other)));
}

function areCompatible(one: FeatureValue, other: FeatureValue): boolean {
  if (one.negated && other.negated) return true;
  if (one.negated || other.negated) return !areEqual(one, other);
  if (one.range === undefined || other.range === undefined) return areEqual(one, other);
  return one.range[0] <= other.range[1] && other.range[0] <= one.range[1];
}

function areEqual(one: FeatureValue, other: FeatureValue): boolean {
  if (one.range === undefined || other.range === undefined) return one.text === other.text;
  return one.range[0] === other.range[0] && one.range[1] === other.range[1];
}

/** A tag without value is TRUE. Tokens compare without case; a string, in angle brackets, with it. */
function readValues(value: string | undefined): FeatureValue[] {
  if (value === undefined) return [{ negated: false, text: 'true', range: undefined }];
  const plain = value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
  if (plain.startsWith('<')) return [{ negated: false, text: plain, range: undefined }];
  return plain.split(',').map((each) => readValue(each.trim()));
}

function readValue(text: string): FeatureValue {
  const negated = text.startsWith('!');
  const plain = negated ? text.slice(1) : text;
  return {
    negated,
    text: plain.toLowerCase(),
    range: plain.startsWith('#') ? readRange(plain.slice(1)) : undefined,
  };
}

/** "=5", ">=5", "<=5" or "1:5". */
function readRange(text: string): readonly [number, number] | undefined {
  const sign = text.startsWith('>=') || text.startsWith('<=') ? text.slice(0, 2) : text.slice(0, 1);
  if (sign === '>=') return toRange(text.slice(2), 'infinity');
  if (sign === '<=') return toRange('-infinity', text.slice(2));
  if (sign === '=') return toRange(text.slice(1), text.slice(1));
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : toRange(text.slice(0, colon), text.slice(colon + 1));
}

function toRange(low: string, high: string): readonly [number, number] | undefined {
  const from = low === '-infinity' ? Number.NEGATIVE_INFINITY : Number(low.trim() || Number.NaN);
  const to = high === 'infinity' ? Number.POSITIVE_INFINITY : Number(high.trim() || Number.NaN);
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : [from, to];
}

function endOfParam(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (quoted && char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === ';' && !quoted) return at;
  }
  return text.length;
}
