import { ConfigError } from '@rollcall/runtime';
import { describe, expect, it } from 'vitest';
import { readRegistrarConfig } from './config.ts';

describe('the configuration', () => {
  it('has the defaults of the documentation', () => {
    expect(readRegistrarConfig({})).toMatchObject({
      grpcListen: '0.0.0.0:50051',
      auth: 'dns:///localhost:50052',
      location: 'dns:///localhost:50053',
      defaultExpiresSec: 3600,
      minExpiresSec: 60,
      maxExpiresSec: 7200,
      jitterPercent: 10,
      maxContacts: 10,
      maxContactsPolicy: 'reject',
      serviceRoute: [],
      pAssociatedUri: false,
      gruuSecrets: [],
      pushProviders: ['apns', 'fcm', 'webpush'],
      pathWithoutSupported: 'accept',
      authMode: 'vector',
      vectorGraceSec: 300,
    });
  });

  it('reports every mistake at once', () => {
    const env = { REGISTRAR_AUTH_MODE: 'trust', REGISTRAR_MAX_CONTACTS: '0', REGISTRAR_AUTH: 'auth' };
    let report = '';
    try {
      readRegistrarConfig(env);
    } catch (error) {
      if (error instanceof ConfigError) report = error.message;
    }
    for (const name of Object.keys(env)) expect(report).toContain(name);
  });

  it('reports lifetimes that contradict each other', () => {
    const brief = { REGISTRAR_MIN_EXPIRES: '9000', REGISTRAR_DEFAULT_EXPIRES: '9000' };
    expect(() => readRegistrarConfig(brief)).toThrow(/REGISTRAR_MAX_EXPIRES/);
    expect(() => readRegistrarConfig({ REGISTRAR_DEFAULT_EXPIRES: '30' })).toThrow(
      /REGISTRAR_DEFAULT_EXPIRES/,
    );
  });
});
