import { ConfigError, showConfig } from '@rollcall/runtime';
import { describe, expect, it } from 'vitest';
import { authVariables, readAuthConfig } from './config.ts';

function problemsOf(env: Record<string, string>): string[] {
  try {
    readAuthConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ variable }) => variable);
    throw error;
  }
}

describe('the configuration of auth', () => {
  it('has the defaults of the contract', () => {
    const config = readAuthConfig({});
    expect(config).toMatchObject({
      grpcListen: '0.0.0.0:50052',
      subscribers: [{ kind: 'file', path: 'subscribers.yaml' }],
      domains: [],
      nonceSecrets: [],
      algorithms: ['SHA-256', 'MD5'],
      store: { kind: 'memory' },
      lockoutFailures: 20,
      lockoutSec: 300,
    });
  });

  it('reads several sources, secrets and algorithms', () => {
    const config = readAuthConfig({
      AUTH_SUBSCRIBERS: 'file:/etc/rollcall/a.yaml file:///etc/rollcall/b.yaml',
      AUTH_DOMAINS: 'Example.com example.net [2001:DB8:0::1]',
      AUTH_NONCE_SECRETS: '0123456789abcdef fedcba9876543210',
      AUTH_ALGORITHMS: 'sha-512-256 MD5-sess',
      AUTH_STORE: 'redis://:pw@redis:6379/1',
    });
    expect(config.subscribers).toEqual([
      { kind: 'file', path: '/etc/rollcall/a.yaml' },
      { kind: 'file', path: '/etc/rollcall/b.yaml' },
    ]);
    expect(config.domains).toEqual(['example.com', 'example.net', '[2001:db8::1]']);
    expect(config.nonceSecrets).toHaveLength(2);
    expect(config.algorithms).toEqual(['SHA-512-256', 'MD5-sess']);
    expect(config.store).toMatchObject({ kind: 'redis', password: 'pw', database: 1 });
  });

  it('takes a path with spaces as a URI has it, and leaves a percent sign that is no escape', () => {
    const read = (text: string) => readAuthConfig({ AUTH_SUBSCRIBERS: text }).subscribers;
    expect(read('file:///srv/my%20phones/a.yaml')).toEqual([{ kind: 'file', path: '/srv/my phones/a.yaml' }]);
    expect(read('file:100%.yaml')).toEqual([{ kind: 'file', path: '100%.yaml' }]);
  });

  it('reports all problems at once, a source of a kind that is not known among them', () => {
    const env = {
      AUTH_SUBSCRIBERS: 'mysql://db/subscribers',
      AUTH_DOMAINS: 'exa mple_.com',
      AUTH_NONCE_SECRETS: 'short',
      AUTH_ALGORITHMS: 'MD5 MD4',
      AUTH_STORE: 'redis:nowhere',
      AUTH_LOCKOUT_FAILURES: '-1',
    };
    expect(problemsOf(env).sort()).toEqual(Object.keys(env).sort());
  });

  it('knows files, a database and a webhook, and shows no password of an address', () => {
    const sources = 'file:a.yaml postgres://rollcall:hush@db/rollcall https://carrier.example/subscribers';
    expect(readAuthConfig({ AUTH_SUBSCRIBERS: sources }).subscribers).toEqual([
      { kind: 'file', path: 'a.yaml' },
      { kind: 'postgres', url: 'postgres://rollcall:hush@db/rollcall' },
      { kind: 'webhook', url: 'https://carrier.example/subscribers' },
    ]);
    const shown = showConfig(authVariables, { AUTH_SUBSCRIBERS: sources }).join();
    expect(shown).toContain(
      'file:a.yaml postgres://rollcall:…@db/rollcall https://carrier.example/subscribers',
    );
    expect(() => readAuthConfig({ AUTH_SUBSCRIBERS: `${sources} ftp://x` })).toThrow(/rollcall:…@db/);
  });

  it('A28: does not show secrets in a report', () => {
    const env = { AUTH_NONCE_SECRETS: 'hush', AUTH_STORE: 'http://:hush@redis' };
    expect(() => readAuthConfig(env)).toThrow(ConfigError);
    try {
      readAuthConfig(env);
    } catch (error) {
      expect(String(error)).not.toContain('hush');
    }
  });
});
