import { describe, expect, it } from 'vitest';
import { describeAuthStore } from '../../test/auth-store.contract.ts';
import { LockoutTable } from './lockout-table.ts';
import { MemoryAuthStore } from './memory-auth-store.ts';

const nowMs = 1_790_000_000_000;

describeAuthStore('memory', () => {
  const store = new MemoryAuthStore();
  return Promise.resolve({ one: store, other: store, nowMs });
});

describe('the memory store', () => {
  const use = (nonce: string, issuedAtMs: number, lifetimeMs = 60_000) => ({
    nonce,
    nc: 1,
    requestKey: `request of ${nonce}`,
    issuedAtMs,
    expiresAtMs: issuedAtMs + lifetimeMs,
  });

  it('A9: is bounded: what it had to forget counts as replayed, never as fresh', async () => {
    const store = new MemoryAuthStore(2);
    expect(await store.useNonce(use('a', nowMs), nowMs)).toBe(true);
    expect(await store.useNonce(use('b', nowMs + 10), nowMs)).toBe(true);
    expect(await store.useNonce(use('c', nowMs + 20), nowMs)).toBe(true);
    expect(await store.useNonce(use('a', nowMs), nowMs)).toBe(false);
    expect(await store.useNonce({ ...use('b', nowMs + 10), nc: 2 }, nowMs)).toBe(true);
    expect(await store.useNonce(use('d', nowMs + 30), nowMs)).toBe(true);
  });

  it('makes room by forgetting expired nonces first', async () => {
    const store = new MemoryAuthStore(2);
    await store.useNonce(use('a', nowMs, 1000), nowMs);
    await store.useNonce(use('b', nowMs, 1000), nowMs);
    const laterMs = nowMs + 5000;
    expect(await store.useNonce(use('c', nowMs - 10), laterMs)).toBe(true);
  });

  it('A27: forgets failures after their window', async () => {
    const store = new MemoryAuthStore();
    const limits = { perUser: 2, perSource: 20, windowMs: 1000 };
    const failure = { realm: 'example.com', username: 'alice', source: '198.51.100.1' };
    expect(await store.countFailure(failure, limits, nowMs)).toEqual([]);
    expect(await store.countFailure(failure, limits, nowMs + 1000)).toEqual([]);
    expect(await store.countFailure(failure, limits, nowMs + 1500)).toHaveLength(1);
  });
});

describe('the table of lock-outs', () => {
  const lockout = { realm: 'example.com', username: 'alice', source: '198.51.100.1', untilMs: nowMs + 1000 };

  it('A27: knows users from sources and whole sources, until their end', () => {
    const table = new LockoutTable();
    expect(table.remainingMs('example.com', 'alice', '198.51.100.1', nowMs)).toBe(0);
    expect(table.add(lockout)).toBe(true);
    expect(table.add(lockout)).toBe(false);
    expect(table.remainingMs('example.com', 'alice', '198.51.100.1', nowMs)).toBe(1000);
    expect(table.remainingMs('example.com', 'alice', '198.51.100.2', nowMs)).toBe(0);
    expect(table.remainingMs('example.com', 'bob', '198.51.100.1', nowMs)).toBe(0);
    expect(table.add({ ...lockout, realm: '', username: '', untilMs: nowMs + 500 })).toBe(true);
    expect(table.remainingMs('example.com', 'bob', '198.51.100.1', nowMs)).toBe(500);
    expect(table.current(nowMs + 600)).toEqual([lockout]);
    expect(table.remainingMs('example.com', 'alice', '198.51.100.1', nowMs + 1000)).toBe(0);
  });
});
