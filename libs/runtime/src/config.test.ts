import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig, showConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { hostPortList, oneOf, seconds, someText, words } from './config-schemas.ts';
import { describeVariables, renderVariables, type VariableTable } from './config-variables.ts';
import { grpcTlsVariables } from './grpc-tls-variables.ts';
import { sharedVariables } from './shared-variables.ts';
import { traceVariables } from './trace-variables.ts';

const table = {
  udpListen: { name: 'EDGE_UDP_LISTEN', default: '0.0.0.0:5060', meaning: 'UDP.', schema: hostPortList },
  minExpires: { name: 'EDGE_MIN', default: '60', meaning: 'Seconds | more.', schema: seconds(1, 100) },
  mode: { name: 'EDGE_MODE', default: 'a', meaning: 'Mode.', schema: oneOf('a', 'b') },
  keys: { name: 'EDGE_KEYS', default: '', meaning: 'Keys.', schema: words, secret: true },
  name: { name: 'EDGE_NAME', meaning: 'Its name.', schema: someText },
} as const;

/** Those that every service has. */
const shared = { ...sharedVariables, ...grpcTlsVariables, ...traceVariables };

const folder = mkdtempSync(join(tmpdir(), 'rollcall-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function problemsOf(env: NodeJS.ProcessEnv, of: VariableTable = table): ConfigError {
  try {
    readConfig(of, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('no problem found');
}

describe('readConfig', () => {
  it('takes defaults, and values in place of them', () => {
    expect(
      readConfig(table, { EDGE_NAME: 'e1', EDGE_UDP_LISTEN: '[::1]:0,10.0.0.1:5070', EDGE_KEYS: 'k1  k2' }),
    ).toEqual({
      udpListen: [
        { host: '::1', port: 0 },
        { host: '10.0.0.1', port: 5070 },
      ],
      minExpires: 60,
      mode: 'a',
      keys: ['k1', 'k2'],
      name: 'e1',
    });
  });

  it('takes an empty value as given, not as the default', () => {
    expect(readConfig(table, { EDGE_NAME: 'e1', EDGE_UDP_LISTEN: '' }).udpListen).toEqual([]);
  });

  it('reports all problems at once, with name, value and what is allowed', () => {
    const error = problemsOf({ EDGE_UDP_LISTEN: '5060', EDGE_MIN: '0', EDGE_MODE: 'c', EDGE_KEYZ: 'x' });
    expect(error.problems).toEqual([
      expect.objectContaining({ variable: 'EDGE_UDP_LISTEN', value: '"5060"' }),
      { variable: 'EDGE_MIN', value: '"0"', problem: 'must be a whole number of seconds from 1 to 100' },
      { variable: 'EDGE_MODE', value: '"c"', problem: 'must be one of a, b' },
      { variable: 'EDGE_NAME', value: undefined, problem: 'is not set. It is needed: Its name.' },
      { variable: 'EDGE_KEYZ', value: undefined, problem: 'is not a variable; did you mean EDGE_KEYS?' },
    ]);
    expect(error.message).toMatch(/^The configuration has 5 problems:\n/);
    for (const { variable } of error.problems) expect(error.message).toContain(variable);
  });

  it.each([
    ['GRPC_TLS_CRET_FILE', 'GRPC_TLS_CERT_FILE'],
    ['TRACE_OTLP_ENDPIONT', 'TRACE_OTLP_ENDPOINT'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['HTTP_LISTN', 'HTTP_LISTEN'],
  ])('finds a misspelt variable that every service has: %s', (variable, meant) => {
    expect(problemsOf({ [variable]: 'x' }, shared).problems).toEqual([
      { variable, value: undefined, problem: `is not a variable; did you mean ${meant}?` },
    ]);
  });

  it.each(['LOG_DIR', 'LOG_LEVEL_ROOT', 'HTTP_PROXY', 'DEBUG'])(
    'leaves alone what is a variable of others: %s',
    (variable) => {
      expect(() => readConfig(shared, { [variable]: 'x' })).not.toThrow();
    },
  );

  it('never shows a secret', () => {
    const secretTable = {
      key: { name: 'AUTH_KEY', meaning: 'Key.', schema: oneOf('x'), secret: true },
    } as const;
    expect(() => readConfig(secretTable, { AUTH_KEY: 'hunter2' })).toThrow('(secret, 7 characters)');
    expect(() => readConfig(secretTable, { AUTH_KEY: 'hunter2' })).not.toThrow(/hunter2/);
    expect(showConfig(secretTable, { AUTH_KEY: 'hunter2' })).toEqual(['AUTH_KEY=(secret, 7 characters)']);
  });

  it('reads a secret from the file that NAME_FILE names, without its last line end', () => {
    const path = join(folder, 'keys');
    writeFileSync(path, 'k1 k2\n');
    expect(readConfig(table, { EDGE_NAME: 'e1', EDGE_KEYS_FILE: path }).keys).toEqual(['k1', 'k2']);
  });

  it('says which file cannot be read', () => {
    expect(problemsOf({ EDGE_NAME: 'e1', EDGE_KEYS_FILE: join(folder, 'none') }).problems).toEqual([
      {
        variable: 'EDGE_KEYS_FILE',
        value: join(folder, 'none'),
        problem: 'must name a readable file (ENOENT)',
      },
    ]);
  });

  it('refuses a secret that is given twice', () => {
    const { problems } = problemsOf({ EDGE_NAME: 'e1', EDGE_KEYS: 'a', EDGE_KEYS_FILE: '/x' });
    expect(problems).toEqual([
      { variable: 'EDGE_KEYS', value: undefined, problem: 'and EDGE_KEYS_FILE are both set; set one' },
    ]);
  });

  it('accepts variables of others, and of Kubernetes', () => {
    const env = {
      EDGE_NAME: 'e1',
      REGISTRAR_GRPC_LISTEN: 'x',
      EDGE_SERVICE_HOST: '10.0.0.1',
      EDGE_PORT: 'tcp://10.0.0.1:5060',
      EDGE_PORT_5060_UDP_PROTO: 'udp',
      PATH: '/bin',
    };
    expect(readConfig(table, env).name).toBe('e1');
  });

  it('checks what is wrong between variables', () => {
    const check = ({ minExpires }: { minExpires: number }) =>
      minExpires > 50 ? [{ variable: 'EDGE_MIN', value: '60', problem: 'must be below the maximum' }] : [];
    expect(() => readConfig(table, { EDGE_NAME: 'e1' }, check)).toThrow('must be below the maximum');
    expect(readConfig(table, { EDGE_NAME: 'e1', EDGE_MIN: '50' }, check).minExpires).toBe(50);
  });

  it.each(['0.0.0.0', ':5060', '0.0.0.0:65536', '::1:5060', 'a b:1', '0.0.0.0:5060,', 'x:-1'])(
    'refuses %j as a list of addresses',
    (text) => {
      expect(problemsOf({ EDGE_NAME: 'e', EDGE_UDP_LISTEN: text }).problems).toHaveLength(1);
    },
  );

  it('has defaults for the variables that every service has', () => {
    expect(readConfig(sharedVariables, {})).toEqual({
      grpcTlsCertFile: '',
      grpcTlsKeyFile: '',
      grpcTlsCaFile: '',
      grpcTlsServerName: '',
      httpListen: { host: '0.0.0.0', port: 8080 },
      logLevel: 'info',
      logFormat: '',
      heapSnapshots: false,
      logAor: 'hash',
      traceEndpoint: '',
      traceRatio: 0.01,
    });
  });
});

describe('the documentation of variables', () => {
  it('has a row for each, in order', () => {
    expect(describeVariables(table).map(({ name }) => name)).toEqual([
      'EDGE_UDP_LISTEN',
      'EDGE_MIN',
      'EDGE_MODE',
      'EDGE_KEYS',
      'EDGE_NAME',
    ]);
    expect(renderVariables(table)).toBe(`| variable | default | meaning |
|---|---|---|
| \`EDGE_UDP_LISTEN\` | \`0.0.0.0:5060\` | UDP. |
| \`EDGE_MIN\` | \`60\` | Seconds \\| more. |
| \`EDGE_MODE\` | \`a\` | Mode. |
| \`EDGE_KEYS\`, \`EDGE_KEYS_FILE\` | empty | Keys. |
| \`EDGE_NAME\` | \`required\` | Its name. |
`);
  });
});
