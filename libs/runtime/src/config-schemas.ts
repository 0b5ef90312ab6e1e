import { z } from 'zod';

/** A host and a port, as configuration gives them; an IPv6 host without its brackets. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * The form of a variable that a function of its own reads.
 *
 * @param allowed what is allowed, as the end of "must be …"
 * @param parse gives the value, or undefined where the text is not allowed
 */
export function textAs<T>(allowed: string, parse: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${allowed}` });
    return z.NEVER;
  });
}

/** Any text, with blanks at its ends removed. */
export const anyText: z.ZodType<string, string> = textAs('text', (text) => text);

/** Any text but the empty one. */
export const someText: z.ZodType<string, string> = textAs('a text that is not empty', (text) =>
  text === '' ? undefined : text,
);

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return textAs(`a whole number from ${min} to ${max}`, (text) => parseWhole(text, min, max));
}

/** A whole number of seconds within bounds, both included. */
export function seconds(min: number, max: number): z.ZodType<number, string> {
  return textAs(`a whole number of seconds from ${min} to ${max}`, (text) => parseWhole(text, min, max));
}

/** A whole number of milliseconds within bounds, both included. */
export function milliseconds(min: number, max: number): z.ZodType<number, string> {
  return textAs(`a whole number of milliseconds from ${min} to ${max}`, (text) => parseWhole(text, min, max));
}

/** One of the words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): z.ZodType<Word, string> {
  return textAs(`one of ${words.join(', ')}`, (text) => words.find((word) => word === text));
}

/** True or false. */
export const flag: z.ZodType<boolean, string> = textAs('true or false', (text) => {
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
});

/** Words between blanks or commas; none for the empty text. */
export const words: z.ZodType<readonly string[], string> = textAs('words between spaces', (text) =>
  text.split(/[\s,]+/).filter((word) => word !== ''),
);

/** Names in certificates between blanks or commas: host names, in lower case, and URIs; none for the empty text. */
export const certificateNames: z.ZodType<readonly string[], string> = textAs(
  'names in certificates between spaces: host names, or URIs such as spiffe://cluster.local/ns/voice/sa/edge',
  (text) => {
    const names = text
      .split(/[\s,]+/)
      .filter((word) => word !== '')
      .map((word) => (word.includes('://') ? word : word.toLowerCase()));
    return names.every((name) => certificateName.test(name)) ? names : undefined;
  },
);

const certificateName = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[A-Za-z][A-Za-z0-9+.-]*:\/\/\S+)$/;

/** "host:port". Port 0 asks the system for any free one. */
export const hostPort: z.ZodType<ListenAddress, string> = textAs(
  'host:port, for example 0.0.0.0:5060 or [::]:5060',
  parseListenAddress,
);

/** Several "host:port" between commas; none for the empty text. */
export const hostPortList: z.ZodType<readonly ListenAddress[], string> = textAs(
  'host:port, several between commas, or empty for none; for example 0.0.0.0:5060,[::]:5060',
  (text) => {
    const parsed = text === '' ? [] : text.split(',').map((each) => parseListenAddress(each.trim()));
    return parsed.every((each) => each !== undefined) ? parsed : undefined;
  },
);

/** Where a gRPC server listens, kept as text: "host:port". */
export const grpcListen: z.ZodType<string, string> = textAs(
  'host:port, for example 0.0.0.0:50051 or [::]:50051',
  (text) => (parseListenAddress(text) === undefined ? undefined : text),
);

/** Where a gRPC server is reached, kept as text: "dns:///name:port" or "host:port". */
export const grpcTarget: z.ZodType<string, string> = textAs(
  'a gRPC target, for example dns:///registrar-headless:50051',
  (text) => {
    const authority = text.startsWith('dns:///') ? text.slice(7) : text;
    const address = parseListenAddress(authority);
    return address === undefined || address.port === 0 ? undefined : text;
  },
);

function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = parseWhole(match?.[3] ?? '', 0, 65_535);
  return host === undefined || port === undefined ? undefined : { host, port };
}

function parseWhole(text: string, min: number, max: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
