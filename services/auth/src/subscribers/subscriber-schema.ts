import type { StoredHa1 } from '@rollcall/digest';
import { canonicalAor, encodeUtf8, parseUri, SipParseError } from '@rollcall/sip';
import { z } from 'zod';
import { readDomainName } from '../domain-name.ts';
import { readNetwork } from '../networks.ts';
import type { SubscriberEntry, SubscriberState } from './subscriber.ts';

// The form of one subscriber in a file. All scalars arrive as text (YAML's failsafe schema), so that a password 007
// and a number +15551234 are what they look like. Messages never repeat a secret's value.

const text = (what: string) =>
  z.string({ error: `must be ${what}` }).min(1, { error: `must be ${what}, not empty` });

const hexadecimal = (digits: number) =>
  z
    .string({ error: `must be ${digits} hexadecimal digits` })
    .regex(new RegExp(`^[0-9A-Fa-f]{${digits}}$`), { error: `must be ${digits} hexadecimal digits` })
    .transform((hash) => hash.toLowerCase());

const domain = text('a domain name')
  .max(255, { error: 'must be a domain name of at most 255 characters' })
  .transform((value, context) => {
    const name = readDomainName(value);
    if (name !== undefined) return name;
    context.addIssue({
      code: 'custom',
      message: 'must be a domain name, for example example.com (an IPv6 address in brackets)',
    });
    return z.NEVER;
  });

const listOf = <T extends z.ZodType>(what: string, item: T) =>
  z.array(item, { error: `must be a list of ${what}, for example [one, other]` }).max(1000);

const number = z
  .string({ error: 'must be an E.164 number' })
  .regex(/^\+[1-9][0-9]{1,14}$/, { error: 'must be an E.164 number: "+" and 2 to 15 digits' });

const network = z.string({ error: 'must be a network' }).transform((value, context) => {
  const read = readNetwork(value);
  if (read !== undefined) return read;
  context.addIssue({ code: 'custom', message: 'must be an address or a network, for example 192.0.2.0/24' });
  return z.NEVER;
});

const aor = z.string({ error: 'must be a SIP URI' }).transform((value, context) => {
  const read = readAor(encodeUtf8(value));
  if (read !== undefined) return read;
  context.addIssue({
    code: 'custom',
    message: 'must be a SIP URI with a user, for example sip:sales@example.com',
  });
  return z.NEVER;
});

const movedTo = z.string({ error: 'must be a URI' }).transform((value, context) => {
  const read = readUri(encodeUtf8(value));
  if (read !== undefined) return read;
  context.addIssue({
    code: 'custom',
    message: 'must be a SIP or tel URI, for example sip:alice@example.org',
  });
  return z.NEVER;
});

const states = [
  'active',
  'blocked',
  'gone',
  'moved',
  'ambiguous',
] as const satisfies readonly SubscriberState[];

const ha1 = z
  .strictObject(
    { MD5: hexadecimal(32), 'SHA-256': hexadecimal(64), 'SHA-512-256': hexadecimal(64) },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys' ? undefined : 'must be a map of algorithms to HA1',
    },
  )
  .partial();

const subscriberSchema = z
  .strictObject(
    {
      username: text('a user name').max(255, { error: 'must be a user name of at most 255 characters' }),
      domain,
      password: text('a password').optional(),
      ha1: ha1.optional(),
      numbers: listOf('E.164 numbers', number).optional(),
      networks: listOf('networks', network).optional(),
      aors: listOf('SIP URIs', aor).optional(),
      watchers: listOf('SIP URIs', aor).optional(),
      state: z.enum(states, { error: `must be one of ${states.join(', ')}` }).optional(),
      movedTo: movedTo.optional(),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys' ? undefined : 'must be a map of username, domain, …',
    },
  )
  .check((context) => {
    const { password, ha1: hashes, networks, state, movedTo: uri } = context.value;
    const issue = (message: string) =>
      context.issues.push({ code: 'custom', message, input: undefined, path: [] });
    if (password !== undefined && hashes !== undefined) issue('has both password and ha1; give one');
    const none = password === undefined && Object.keys(hashes ?? {}).length === 0;
    const isNobody = state === 'ambiguous';
    if (none && !isNobody && (networks?.length ?? 0) === 0) issue('needs a password, ha1 or networks');
    if (state === 'moved' && uri === undefined) issue('is moved, and needs movedTo');
    if (state !== 'moved' && uri !== undefined) issue('has movedTo, and needs state: moved');
  });

/** What is wrong with one subscriber, and where. */
export interface SchemaProblem {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
}

/** Reads one subscriber from plain data; gives it in its right form, or all that is wrong with it. */
export function readSubscriber(
  data: unknown,
): { readonly entry: SubscriberEntry } | { readonly problems: readonly SchemaProblem[] } {
  const result = subscriberSchema.safeParse(data);
  if (!result.success) return { problems: result.error.issues.flatMap(explain) };
  const {
    username,
    domain: domainName,
    password,
    ha1: hashes,
    numbers,
    networks,
    aors,
    watchers,
    state,
    movedTo: uri,
  } = result.data;
  const stored: StoredHa1[] = [];
  for (const [algorithm, hash] of Object.entries(hashes ?? {})) {
    if (hash !== undefined) stored.push({ algorithm, hash });
  }
  return {
    entry: {
      username: encodeUtf8(username),
      domain: domainName,
      ...(password === undefined ? {} : { password: encodeUtf8(password) }),
      ...(stored.length === 0 ? {} : { ha1: stored }),
      numbers: numbers ?? [],
      networks: networks ?? [],
      aors: aors ?? [],
      watchers: watchers ?? [],
      ...(state === undefined ? {} : { state }),
      ...(uri === undefined ? {} : { movedTo: uri }),
    },
  };
}

function explain(issue: z.core.$ZodIssue): SchemaProblem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, problem: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], problem: 'is not known here' }));
}

/** Callers of anybody else are sent there as it stands. */
function readUri(text: string): string | undefined {
  try {
    return parseUri(text).kind === 'other' ? undefined : text;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}

function readAor(text: string): string | undefined {
  try {
    const uri = parseUri(text);
    return uri.kind === 'sip' && uri.user !== undefined ? canonicalAor(uri) : undefined;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
