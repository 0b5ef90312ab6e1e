/** Where records are kept, as LOCATION_STORE says it. */
export type StoreTarget = MemoryTarget | RedisTarget;

/** In this process's memory. */
export interface MemoryTarget {
  readonly kind: 'memory';
  readonly maxAors: number;
}

/** In Redis or Valkey: one server, one watched by sentinels, or a cluster. */
export interface RedisTarget {
  readonly kind: 'redis' | 'sentinel' | 'cluster';
  /** The server, the sentinels, or some nodes of the cluster. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Database index; 0 with a cluster. */
  readonly database: number;
  /** Name of the monitored master; empty but for sentinels. */
  readonly masterName: string;
  readonly sentinelPassword: string | undefined;
}

/** What LOCATION_STORE may be. */
export const storeTargetForms =
  'memory: (or memory:?max-aors=NUMBER), redis://[user:password@]host[:port][/database], rediss://… (TLS), ' +
  'redis+sentinel://host:port,host:port/master-name[/database] or redis+cluster://host:port,host:port; ' +
  'the last two take ?tls=true, and sentinels ?sentinel-password=…';

const defaultMaxAors = 1_000_000;
const kinds = {
  redis: 'redis',
  rediss: 'redis',
  'redis+sentinel': 'sentinel',
  'redis+cluster': 'cluster',
} as const;
const defaultPorts = { redis: 6379, sentinel: 26_379, cluster: 6379 } as const;

/** Reads LOCATION_STORE; undefined where it is none of the allowed forms. */
export function parseStoreTarget(text: string): StoreTarget | undefined {
  if (text.startsWith('memory:')) return parseMemory(text.slice('memory:'.length));
  const match =
    /^(rediss?|redis\+sentinel|redis\+cluster):\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, scheme, userInfo, authority, path, query] = match;
  const kind = kinds[scheme as keyof typeof kinds];
  const nodes = (authority ?? '').split(',').map((each) => parseNode(each, defaultPorts[kind]));
  const place = parsePlace(kind, path ?? '');
  const credentials = parseCredentials(userInfo);
  const options = parseOptions(query ?? '', ['tls', 'sentinel-password']);
  if (place === undefined || credentials === undefined || options === undefined) return undefined;
  if (!nodes.every((node) => node !== undefined) || (kind === 'redis' && nodes.length > 1)) return undefined;
  const tls = options.get('tls') ?? 'false';
  if (tls !== 'true' && tls !== 'false') return undefined;
  return {
    kind,
    nodes,
    tls: scheme === 'rediss' || tls === 'true',
    ...credentials,
    ...place,
    sentinelPassword: options.get('sentinel-password'),
  };
}

function parseMemory(rest: string): MemoryTarget | undefined {
  if (rest !== '' && !rest.startsWith('?')) return undefined;
  const options = parseOptions(rest.slice(1), ['max-aors']);
  const maxAors = options?.get('max-aors') ?? String(defaultMaxAors);
  if (options === undefined || !/^[1-9]\d{0,8}$/.test(maxAors)) return undefined;
  return { kind: 'memory', maxAors: Number(maxAors) };
}

function parseNode(text: string, defaultPort: number): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** The path: a database, or for sentinels a master and perhaps a database. */
function parsePlace(
  kind: RedisTarget['kind'],
  path: string,
): { masterName: string; database: number } | undefined {
  const parts = path === '' ? [] : path.split('/');
  const masterName = kind === 'sentinel' ? (parts.shift() ?? '') : '';
  const [databaseText = '0', ...more] = parts;
  if (more.length > 0 || !/^\d{1,4}$/.test(databaseText)) return undefined;
  if (kind === 'sentinel' && masterName === '') return undefined;
  if (kind === 'cluster' && databaseText !== '0') return undefined;
  return { masterName, database: Number(databaseText) };
}

function parseCredentials(
  userInfo: string | undefined,
): { username: string | undefined; password: string | undefined } | undefined {
  if (userInfo === undefined) return { username: undefined, password: undefined };
  const colon = userInfo.indexOf(':');
  if (colon < 0) return undefined;
  try {
    const username = decodeURIComponent(userInfo.slice(0, colon));
    return {
      username: username === '' ? undefined : username,
      password: decodeURIComponent(userInfo.slice(colon + 1)),
    };
  } catch {
    return undefined;
  }
}

function parseOptions(query: string, known: readonly string[]): Map<string, string> | undefined {
  const options = new Map(new URLSearchParams(query));
  return [...options.keys()].every((name) => known.includes(name)) ? options : undefined;
}
