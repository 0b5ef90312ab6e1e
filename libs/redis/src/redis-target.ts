/** Redis or Valkey: one server, one watched by sentinels, or a cluster. */
export interface RedisTarget {
  readonly kind: 'redis' | 'sentinel' | 'cluster';
  /** The server, the sentinels, or some nodes of the cluster. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** All connections use TLS, those to sentinels as well. */
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Database index; 0 with a cluster. */
  readonly database: number;
  /** Name of the monitored master; empty but for sentinels. */
  readonly masterName: string;
  readonly sentinelPassword: string | undefined;
}

/** The forms of an address. */
export const redisTargetForms =
  'redis://[user[:password]@]host[:port][/database], rediss://… (TLS), ' +
  'redis+sentinel://host:port,host:port/master-name[/database] or redis+cluster://host:port,host:port; ' +
  'the last two take ?tls=true, and sentinels ?sentinel-password=…';

const kinds = {
  redis: 'redis',
  rediss: 'redis',
  'redis+sentinel': 'sentinel',
  'redis+cluster': 'cluster',
} as const;
const defaultPorts = { redis: 6379, sentinel: 26_379, cluster: 6379 } as const;

/** Reads an address; undefined where it is none of the allowed forms. */
export function parseRedisTarget(text: string): RedisTarget | undefined {
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

/** "user:password", ":password", or "user" where the password is told otherwise. */
function parseCredentials(
  userInfo: string | undefined,
): { username: string | undefined; password: string | undefined } | undefined {
  if (userInfo === undefined) return { username: undefined, password: undefined };
  const colon = userInfo.indexOf(':');
  try {
    const username = decodeURIComponent(colon < 0 ? userInfo : userInfo.slice(0, colon));
    return {
      username: username === '' ? undefined : username,
      password: colon < 0 ? undefined : decodeURIComponent(userInfo.slice(colon + 1)),
    };
  } catch {
    return undefined;
  }
}

function parseOptions(query: string, known: readonly string[]): Map<string, string> | undefined {
  const options = new Map(new URLSearchParams(query));
  return [...options.keys()].every((name) => known.includes(name)) ? options : undefined;
}
