import { anyText, type ConfigOf, type ConfigProblem, milliseconds, textAs } from '@rollcall/runtime';
import type { RedisTarget } from './redis-target.ts';
import { readRedisFiles } from './redis-tls.ts';

/**
 * The variables of a connection to Redis besides its address, in which everything may stand but what is a file.
 *
 * @param store the variable of the address, for example "LOCATION_STORE": the names of all begin with it
 * @param defaults timeouts in milliseconds
 */
export function redisVariables(store: string, defaults: { connectMs: number; commandMs: number }) {
  return {
    storePassword: {
      name: `${store}_PASSWORD`,
      default: '',
      meaning: `Password of Redis, where ${store} holds none.`,
      secret: true,
      schema: anyText,
    },
    storeSentinelPassword: {
      name: `${store}_SENTINEL_PASSWORD`,
      default: '',
      meaning: `Password of the sentinels, where ${store} holds none.`,
      secret: true,
      schema: anyText,
    },
    storeCaFile: {
      name: `${store}_CA_FILE`,
      default: '',
      defaultMeaning: "Node's own authorities",
      meaning:
        'Certificates (PEM) that may sign those of Redis. Read again for each new connection, as are the next two.',
      schema: anyText,
    },
    storeCertFile: {
      name: `${store}_CERT_FILE`,
      default: '',
      meaning: 'Certificate (PEM) shown to Redis, where it asks for one (`tls-auth-clients`).',
      schema: anyText,
    },
    storeKeyFile: {
      name: `${store}_KEY_FILE`,
      default: '',
      meaning: 'Its private key (PEM).',
      schema: anyText,
    },
    storeServerName: {
      name: `${store}_SERVER_NAME`,
      default: '',
      defaultMeaning: 'the host of each connection',
      meaning:
        "The name that Redis's certificate must prove: needed where nodes are reached by addresses that it does not name, as those of clusters and sentinels often are.",
      schema: textAs('a DNS name, or empty', (text) =>
        /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?$/.test(text) ? text : undefined,
      ),
    },
    storeConnectTimeoutMs: {
      name: `${store}_CONNECT_TIMEOUT_MS`,
      default: String(defaults.connectMs),
      meaning: 'For how long a connection to Redis may take to come about, in milliseconds.',
      schema: milliseconds(50, 60_000),
    },
    storeCommandTimeoutMs: {
      name: `${store}_COMMAND_TIMEOUT_MS`,
      default: String(defaults.commandMs),
      meaning:
        'For how long Redis may be silent while it is asked something, in milliseconds: phones wait meanwhile.',
      schema: milliseconds(50, 60_000),
    },
    storeKeyPrefix: {
      name: `${store}_KEY_PREFIX`,
      default: '',
      meaning:
        'Precedes all keys and channels, for a Redis shared by several installations: `a:` makes `a:rc:{…}:…`. Another one is another, empty store.',
      // A brace would move the hash tag that keeps a shard on one node of a cluster.
      schema: textAs('at most 64 of letters, digits and . _ : -', (text) =>
        /^[A-Za-z0-9._:-]{0,64}$/.test(text) ? text : undefined,
      ),
    },
  } as const;
}

/** What those variables say. */
export type RedisSettings = ConfigOf<ReturnType<typeof redisVariables>>;

/**
 * Finds what contradicts the address or itself, and files that cannot be used.
 *
 * @param store the variable of the address
 * @param target the address; undefined where there is no Redis
 */
export function checkRedis(
  store: string,
  target: RedisTarget | undefined,
  settings: RedisSettings,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const note = (suffix: string, problem: string) =>
    problems.push({ variable: `${store}${suffix}`, value: undefined, problem });
  if (settings.storePassword !== '' && target?.password !== undefined) {
    note('_PASSWORD', `is set, and ${store} holds a password too; set one`);
  }
  if (settings.storeSentinelPassword !== '' && target?.sentinelPassword !== undefined) {
    note('_SENTINEL_PASSWORD', `is set, and ${store} holds one too; set one`);
  }
  if (settings.storeSentinelPassword !== '' && target?.kind !== 'sentinel') {
    note('_SENTINEL_PASSWORD', `is of no use: ${store} names no sentinels`);
  }
  if (target?.username !== undefined && target.password === undefined && settings.storePassword === '') {
    note('', `names a user without a password: write user:password@host, or set ${store}_PASSWORD_FILE`);
  }
  const files = {
    _CA_FILE: settings.storeCaFile,
    _CERT_FILE: settings.storeCertFile,
    _KEY_FILE: settings.storeKeyFile,
  };
  if (target?.tls !== true) {
    for (const [suffix, text] of Object.entries({ ...files, _SERVER_NAME: settings.storeServerName })) {
      if (text !== '') note(suffix, `is of no use without TLS: give ${store} rediss:// or ?tls=true`);
    }
    return problems;
  }
  if ((settings.storeCertFile === '') !== (settings.storeKeyFile === '')) {
    const [missing, given] =
      settings.storeCertFile === '' ? ['_CERT_FILE', '_KEY_FILE'] : ['_KEY_FILE', '_CERT_FILE'];
    note(missing, `is needed with ${store}${given}`);
    return problems;
  }
  return [...problems, ...readRedisFiles(store, settings).problems];
}
