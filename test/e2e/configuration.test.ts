import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './src/run-program.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';

/** Five mistakes for each program. */
const mistakes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  edge: {
    EDGE_UDP_LISTEN: '5060',
    EDGE_TCP_LISTEN: '[::1:5060',
    EDGE_REGISTRAR: 'registrar',
    EDGE_REDIRECT: 'http://redirect',
    HTTP_LISTEN: 'everywhere',
  },
  registrar: {
    REGISTRAR_GRPC_LISTEN: '0.0.0.0:fifty',
    REGISTRAR_DEFAULT_EXPIRES: 'an hour',
    REGISTRAR_MAX_CONTACTS: '-1',
    REGISTRAR_AUTH_MODE: 'trust',
    LOG_LEVEL: 'loud',
  },
  auth: {
    AUTH_SUBSCRIBERS: 'ldap://directory',
    AUTH_ALGORITHMS: 'SHA-1',
    AUTH_NONCE_LIFETIME: '0',
    AUTH_QOP: 'maybe',
    LOG_FORMAT: 'xml',
  },
  location: {
    LOCATION_STORE: 'oracle://db',
    LOCATION_GRPC_LISTEN: 'localhost',
    LOCATION_MIN_REPLICAS_ACK: 'most',
    LOCATION_CACHE_SIZE: 'big',
    HTTP_LISTEN: '8080',
  },
  redirect: {
    REDIRECT_LOCATION: 'location',
    REDIRECT_AUTH: 'auth',
    REDIRECT_GRPC_LISTEN: '70000',
    REDIRECT_UNKNOWN_AS_480: 'perhaps',
    LOG_AOR: 'rot13',
  },
  standalone: {
    EDGE_UDP_LISTEN: '5060',
    REGISTRAR_MIN_EXPIRES: 'soon',
    AUTH_ALGORITHMS: 'SHA-1',
    LOCATION_STORE: 'oracle://db',
    LOG_LEVEL: 'loud',
  },
};

/** Their values are not shown, not even wrong ones. */
const secrets = ['LOCATION_STORE'];

describe.each(Object.entries(mistakes))('%s with five mistakes in its configuration', (name, env) => {
  it('reports all five at once, each with its value, and exits with 78', async () => {
    const program = runProgram(`services/${name}/src/main.ts`, env);
    expect(await program.ended).toBe(78);
    const report = program.stderr.text;
    expect(report).toContain('5 problems');
    for (const [variable, value] of Object.entries(env)) {
      const shown = secrets.includes(variable) ? `(secret, ${value.length} characters)` : `"${value}"`;
      expect(report).toContain(`${variable}=${shown}\n`);
    }
    expect(report).not.toMatch(/^\s+at /m);
    expect(program.stdout.text).toBe('');
  });
});

describe('configuration', () => {
  let folder: ScratchFolder;
  beforeAll(async () => {
    folder = await makeScratchFolder();
  });
  afterAll(() => folder?.remove());

  it('never shows a secret that is wrong', async () => {
    const program = runProgram('services/auth/src/main.ts', { AUTH_NONCE_SECRETS: 'hunter2' });
    expect(await program.ended).toBe(78);
    expect(program.stderr.text).toContain('AUTH_NONCE_SECRETS');
    expect(program.stderr.text).not.toContain('hunter2');
  });

  it('recognises a misspelt variable', async () => {
    const program = runProgram('services/registrar/src/main.ts', { REGISTRAR_MAX_EXPIRE: '60' });
    expect(await program.ended).toBe(78);
    expect(program.stderr.text).toContain('REGISTRAR_MAX_EXPIRE');
    expect(program.stderr.text).toContain('REGISTRAR_MAX_EXPIRES');
  });

  it.each(['auth', 'standalone'])('%s names the line of a broken subscribers.yaml', async (name) => {
    const text = '- { username: alice, domain: example.com, password: wonderland }\n- { username: bob }\n';
    const file = await folder.write('subscribers.yaml', text);
    const program = runProgram(`services/${name}/src/main.ts`, { AUTH_SUBSCRIBERS: `file:${file}` });
    expect(await program.ended).toBe(78);
    expect(program.stderr.text).toContain(`${file}:2: `);
    expect(program.stderr.text).not.toMatch(/^\s+at /m);
  });
});
