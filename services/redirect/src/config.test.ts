import { describe, expect, it } from 'vitest';
import { readRedirectConfig } from './config.ts';

describe('the configuration', () => {
  it('has the defaults of the documentation', () => {
    expect(readRedirectConfig({})).toMatchObject({
      grpcListen: '0.0.0.0:50054',
      location: 'dns:///localhost:50053',
      auth: 'dns:///localhost:50052',
      unknownAs480: false,
    });
  });

  it('reports every mistake at once', () => {
    const env = { REDIRECT_LOCATION: 'here', REDIRECT_UNKNOWN_AS_480: 'maybe' };
    expect(() => readRedirectConfig(env)).toThrow(/REDIRECT_LOCATION[\s\S]*REDIRECT_UNKNOWN_AS_480/);
  });
});
