import { describe, expect, it } from 'vitest';
import { parseRedisTarget } from './redis-target.ts';

const redis = {
  kind: 'redis',
  nodes: [{ host: 'h', port: 6379 }],
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
  masterName: '',
  sentinelPassword: undefined,
};

describe('an address of Redis', () => {
  it.each([
    ['redis://h', redis],
    ['redis://h:1234/3', { ...redis, nodes: [{ host: 'h', port: 1234 }], database: 3 }],
    ['rediss://[::1]:6380', { ...redis, nodes: [{ host: '::1', port: 6380 }], tls: true }],
    ['redis://:p%40ss@h', { ...redis, password: 'p@ss' }],
    ['redis://u@h', { ...redis, username: 'u' }],
    ['redis://u:p@h', { ...redis, username: 'u', password: 'p' }],
    [
      'redis+sentinel://:p@s1,s2:5000/main/2?sentinel-password=x&tls=true',
      {
        ...redis,
        kind: 'sentinel',
        nodes: [
          { host: 's1', port: 26_379 },
          { host: 's2', port: 5000 },
        ],
        password: 'p',
        masterName: 'main',
        database: 2,
        tls: true,
        sentinelPassword: 'x',
      },
    ],
    [
      'redis+cluster://n1:7000,n2:7001',
      {
        ...redis,
        kind: 'cluster',
        nodes: [
          { host: 'n1', port: 7000 },
          { host: 'n2', port: 7001 },
        ],
      },
    ],
  ])('%s', (text, target) => {
    expect(parseRedisTarget(text)).toEqual(target);
  });

  it.each([
    '',
    'memory:',
    'http://h',
    'redis://',
    'redis://h:0',
    'redis://h:70000',
    'redis://a,b',
    'redis://h/x',
    'redis://u:%zz@h',
    'redis://h?tls=perhaps',
    'redis+sentinel://s1',
    'redis+cluster://n1/2',
  ])('not: %s', (text) => {
    expect(parseRedisTarget(text)).toBeUndefined();
  });
});
