import { hashUsername } from '@rollcall/digest';
import { describe, expect, it } from 'vitest';
import { LayeredSubscriberStore } from './layered-subscriber-store.ts';
import { ListSubscriberStore } from './list-subscriber-store.ts';
import { makeSubscriber, type SubscriberEntry } from './subscriber.ts';
import { SubscriberDirectory } from './subscriber-directory.ts';

const domain = 'example.com';
const make = (entry: Partial<SubscriberEntry>) =>
  makeSubscriber({ username: 'alice', domain, ...entry }, ['SHA-256', 'MD5']);
const alice = make({ password: 'a', numbers: ['+15551'] });
const sales = make({ username: 'sales', password: 's' });
const boss = make({
  username: 'boss',
  password: 'b',
  aors: ['sip:sales@example.com', 'sip:info@example.com'],
});

describe('the directory', () => {
  const directory = new SubscriberDirectory([boss, alice, sales]);

  it('A23: finds by either form of a name, in its own domain only', () => {
    expect(directory.findByName(domain, 'alice')).toBe(alice);
    expect(directory.findByName(domain, 'alice@example.com')).toBe(alice);
    expect(directory.findByName('example.org', 'alice')).toBeUndefined();
    expect(directory.findByName(domain, 'Alice')).toBeUndefined();
  });

  it('A20: finds by hashed name, of either form', () => {
    const hash = hashUsername('SHA-256', 'alice', domain);
    expect(directory.findByNameHash(domain, 'SHA-256', hash)).toBe(alice);
    const long = hashUsername('MD5', 'alice@example.com', domain);
    expect(directory.findByNameHash(domain, 'MD5', long)).toBe(alice);
    expect(directory.findByNameHash(domain, 'MD5', hash)).toBeUndefined();
  });

  it('finds by AOR whose own it is, before who else may register it', () => {
    expect(directory.findByAor('sip:sales@example.com')).toBe(sales);
    expect(directory.findByAor('sip:info@example.com')).toBe(boss);
    expect(directory.findByNumber('+15551')).toBe(alice);
  });

  it('names added, changed and removed subscribers under every name, and no others', () => {
    const changed = make({ password: 'new', numbers: ['+15551'] });
    const added = make({ username: 'carol', password: 'c' });
    const names = directory.changesTo(new SubscriberDirectory([boss, changed, added]));
    expect(names?.map(({ username }) => username).sort()).toEqual([
      'alice',
      'alice@example.com',
      'carol',
      'carol@example.com',
      'sales',
      'sales@example.com',
    ]);
    expect(
      directory.changesTo(
        new SubscriberDirectory([sales, boss, make({ password: 'a', numbers: ['+15551'] })]),
      ),
    ).toEqual([]);
  });

  it('says that anyone may have changed where very many have', () => {
    const many = Array.from({ length: 600 }, (_, i) => make({ username: `u${i}`, password: 'x' }));
    expect(directory.changesTo(new SubscriberDirectory(many))).toBeUndefined();
  });

  it('knows the networks that suffice, by domain', () => {
    const trunk = make({ username: 'trunk', networks: ['192.0.2.0/24'] });
    const both = make({ username: 'both', password: 'x', networks: ['10.0.0.0/8'] });
    const store = new SubscriberDirectory([trunk, both]);
    expect(store.trustedNetworks(domain)).toEqual(['192.0.2.0/24']);
    expect(store.trustedNetworks('example.org')).toEqual([]);
  });
});

describe('layered stores', () => {
  it('let the first match win', async () => {
    const first = new ListSubscriberStore([alice]);
    const second = new ListSubscriberStore([make({ password: 'other' }), sales]);
    const store = new LayeredSubscriberStore([first, second]);
    expect(await store.findByName(domain, 'alice')).toBe(alice);
    expect(await store.findByName(domain, 'sales')).toBe(sales);
    expect(await store.findByNumber('+19')).toBeUndefined();
    expect(await store.findByAor('sip:sales@example.com')).toBe(sales);
    const hash = hashUsername('MD5', 'sales', domain);
    expect(await store.findByNameHash(domain, 'MD5', hash)).toBe(sales);
    expect(store.domains()).toEqual([domain]);
    expect(store.trustedNetworks(domain)).toEqual([]);
    expect(store.count()).toBe(3);
    expect(store.check()).toBeUndefined();
    const changes: unknown[] = [];
    store.onChange((change) => changes.push(change));
    second.replace([]);
    expect(changes).toHaveLength(1);
    await store.close();
  });
});
