import { createHash } from 'node:crypto';
import { systemClock } from '@rollcall/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoteSubscriberStore } from '../src/subscribers/remote/remote-subscriber-store.ts';
import type { SubscriberLink } from '../src/subscribers/remote/subscriber-link.ts';
import type { SubscriberChange } from '../src/subscribers/subscriber-store.ts';
import { algorithms, makeLogger, realm } from './support.ts';

/** A subscriber in the words of subscribers.yaml. */
export interface PlainSubscriber {
  readonly username: string;
  readonly domain: string;
  readonly password?: string;
  readonly ha1?: Readonly<Record<string, string>>;
  readonly numbers?: readonly string[];
  readonly networks?: readonly string[];
  readonly aors?: readonly string[];
  readonly watchers?: readonly string[];
  readonly state?: string;
  readonly movedTo?: string;
}

/** A source that a test may change and break. */
export interface RemoteSource {
  link(): SubscriberLink;
  /** Adds a subscriber, or says anew all that it is. */
  put(subscriber: PlainSubscriber): Promise<void>;
  remove(username: string): Promise<void>;
  /** Forgets all. */
  clear(): Promise<void>;
  /** It does not answer any more. */
  kill(): Promise<void>;
  /** It is there again. */
  restart(): Promise<void>;
}

const noticeMs = 10_000;
const alice = { username: 'alice', domain: realm, password: 'wonderland', numbers: ['+15551230001'] };
const bob = {
  username: 'bob@example.com',
  domain: realm,
  ha1: { MD5: 'a'.repeat(32), 'SHA-256': 'b'.repeat(64) },
  aors: ['sip:sales@example.com'],
  watchers: ['sip:app@example.com'],
};

/** What holds for each way to subscribers that are kept elsewhere. */
export function describeRemoteSubscribers(name: string, source: () => RemoteSource): void {
  describe(name, () => {
    let store: RemoteSubscriberStore;
    let changes: SubscriberChange[];
    let lines: string[];

    beforeEach(async () => {
      await source().clear();
      await source().put(alice);
      await source().put(bob);
      store = await open();
    });
    afterEach(() => store.close());

    async function open(): Promise<RemoteSubscriberStore> {
      const log = makeLogger();
      lines = log.lines;
      changes = [];
      const opened = await RemoteSubscriberStore.open(source().link(), {
        ...{ algorithms, clock: systemClock, logger: log.logger },
      });
      opened.onChange((change) => changes.push(change));
      await expect.poll(() => opened.check(), { timeout: noticeMs }).toBeUndefined();
      return opened;
    }

    /** Waits for a change that names somebody; what changed before is forgotten. */
    async function told(username: string, change: () => Promise<void>): Promise<void> {
      changes.length = 0;
      await change();
      const isTold = () =>
        changes.some(
          ({ subscribers }) =>
            subscribers === undefined ||
            subscribers.some((each) => each.realm === realm && each.username === username),
        );
      await expect.poll(isTold, { timeout: noticeMs, interval: 20 }).toBe(true);
    }

    it('finds by both forms of a name with a password, and by the one form that HA1 is of', async () => {
      for (const username of ['alice', 'alice@example.com']) {
        const found = await store.findByName(realm, username);
        expect(found).toMatchObject({ username: 'alice', aors: ['sip:alice@example.com'], state: 'active' });
        expect(found?.credentials.get(username)?.map(({ algorithm }) => algorithm)).toEqual([...algorithms]);
      }
      expect((await store.findByName(realm, 'bob@example.com'))?.credentials.get('bob@example.com')).toEqual(
        expect.arrayContaining([{ algorithm: 'MD5', hash: 'a'.repeat(32) }]),
      );
      expect(await store.findByName(realm, 'bob')).toBeUndefined();
      expect(await store.findByName('example.net', 'alice')).toBeUndefined();
      expect(await store.findByName(realm, 'Alice')).toBeUndefined();
    });

    it('gives each of many that ask at once its own answer', async () => {
      const names = Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? 'alice' : `nobody${index}`));
      const found = await Promise.all(names.map((username) => store.findByName(realm, username)));
      expect(found.map((subscriber) => subscriber?.username)).toEqual(
        names.map((username) => (username === 'alice' ? 'alice' : undefined)),
      );
    });

    it('finds nobody by what no text can be, and nothing breaks by it', async () => {
      for (const odd of [
        "'; DROP TABLE rollcall_subscribers; --",
        'a\0b',
        '\xff\xfe',
        '%',
        '\\',
        'x'.repeat(10_000),
      ]) {
        expect(await store.findByName(realm, odd)).toBeUndefined();
      }
      expect(await store.findByName(realm, 'alice')).toBeDefined();
    });

    it('finds names beyond ASCII, as bytes', async () => {
      await source().put({ username: 'zoë', domain: realm, password: 'ß' });
      const bytes = Buffer.from('zoë', 'utf8').toString('latin1');
      expect(await store.findByName(realm, bytes)).toMatchObject({
        username: bytes,
        aors: ['sip:zo%C3%AB@example.com'],
      });
      expect(await store.findByAor('sip:zo%C3%AB@example.com')).toMatchObject({ username: bytes });
    });

    it('finds by hashed name', async () => {
      const hash = createHash('sha256').update(`alice:${realm}`).digest('hex');
      expect(await store.findByNameHash(realm, 'SHA-256', hash)).toMatchObject({ username: 'alice' });
      const long = createHash('md5').update(`alice@${realm}:${realm}`).digest('hex');
      expect(await store.findByNameHash(realm, 'MD5', long)).toMatchObject({ username: 'alice' });
      expect(await store.findByNameHash(realm, 'SHA-256', '0'.repeat(64))).toBeUndefined();
    });

    it('finds by AOR: whose own it is before who else may register it', async () => {
      expect(await store.findByAor('sip:alice@example.com')).toMatchObject({ username: 'alice' });
      expect(await store.findByAor('sip:bob@example.com')).toMatchObject({ username: 'bob@example.com' });
      expect(await store.findByAor('sip:sales@example.com')).toMatchObject({ username: 'bob@example.com' });
      await source().put({ username: 'sales', domain: realm, password: 'own' });
      expect(await store.findByAor('sip:sales@example.com')).toMatchObject({ username: 'sales' });
      expect(await store.findByAor('sip:nobody@example.com')).toBeUndefined();
    });

    it('finds by number, and knows where a number goes on', async () => {
      expect(await store.findByNumber('+15551230001')).toMatchObject({ username: 'alice' });
      expect(await store.findByNumber('+1555123000')).toBeUndefined();
      expect(await store.hasLongerNumber('+1555123000')).toBe(true);
      expect(await store.hasLongerNumber('+15551230001')).toBe(false);
      expect(await store.hasLongerNumber('+49')).toBe(false);
    });

    it('tells of what is added, changed and removed, by every name it has', async () => {
      const names = ['alice', 'alice@example.com'];
      for (const username of names) {
        await told(username, () => source().put({ ...alice, password: `of ${username}` }));
      }
      await told('alice', () => source().put({ ...alice, numbers: ['+15551230001', '+15551230002'] }));
      expect(await store.findByNumber('+15551230002')).toMatchObject({ username: 'alice' });
      await told('carol', () => source().put({ username: 'carol', domain: realm, password: 'cheshire' }));
      await told('bob@example.com', () => source().remove('bob@example.com'));
      expect(await store.findByName(realm, 'bob@example.com')).toBeUndefined();
    });

    it('knows domains, trusted networks and how many there are, also as they change', async () => {
      expect([store.domains(), store.count()]).toEqual([[realm], 2]);
      await source().put({ username: 'trunk', domain: 'example.net', networks: ['192.0.2.0/24'] });
      await expect.poll(() => store.domains(), { timeout: noticeMs }).toEqual([realm, 'example.net']);
      expect(store.trustedNetworks('example.net')).toEqual(['192.0.2.0/24']);
      expect(store.trustedNetworks(realm)).toEqual([]);
      expect(await store.findByAor('sip:trunk@example.net')).toMatchObject({ networks: ['192.0.2.0/24'] });
    });

    it('says what the operator says of a subscriber', async () => {
      await source().put({ ...alice, state: 'moved', movedTo: 'sip:alice@example.org' });
      expect(await store.findByName(realm, 'alice')).toMatchObject({
        state: 'moved',
        movedTo: 'sip:alice@example.org',
      });
      expect(await store.findByName(realm, 'bob@example.com')).toMatchObject({
        watchers: ['sip:app@example.com'],
      });
    });

    it('does not take a subscriber that cannot be for one that is not there, and says which', async () => {
      await source().put({ ...alice, networks: ['not a network'] });
      await expect(store.findByName(realm, 'alice')).rejects.toMatchObject({
        reason: 'AUTH_SUBSCRIBERS_UNAVAILABLE',
      });
      expect(lines.find((line) => line.includes('cannot be used'))).toMatch(/"username":"alice".*networks/);
      expect(lines.join()).not.toContain('wonderland');
      expect(await store.findByName(realm, 'bob@example.com')).toBeDefined();
    });

    it('fails in time while the source is away, says so, and finds its way back', async () => {
      await source().kill();
      await expect.poll(() => store.check(), { timeout: noticeMs }).toBeDefined();
      await expect(store.findByName(realm, 'alice')).rejects.toMatchObject({
        ...{ reason: 'AUTH_SUBSCRIBERS_UNAVAILABLE', retryAfterMs: 1000 },
      });
      await expect(store.hasLongerNumber('+1')).rejects.toMatchObject({
        reason: 'AUTH_SUBSCRIBERS_UNAVAILABLE',
      });
      expect(store.domains()).toEqual([realm]);
      changes.length = 0;
      await source().restart();
      await expect.poll(() => store.check(), { timeout: noticeMs }).toBeUndefined();
      // What changed meanwhile is not known.
      expect(changes).toContainEqual({ subscribers: undefined });
      expect(await store.findByName(realm, 'alice')).toBeDefined();
    });

    it('opens while the source is away, and is there as soon as it is', async () => {
      await source().kill();
      const early = await RemoteSubscriberStore.open(source().link(), {
        ...{ algorithms, clock: systemClock, logger: makeLogger().logger },
      });
      expect(early.check()).toBeDefined();
      expect(early.domains()).toEqual([]);
      await source().restart();
      await expect.poll(() => early.check(), { timeout: noticeMs }).toBeUndefined();
      expect(early.domains()).toEqual([realm]);
      await early.close();
    });
  });
}
