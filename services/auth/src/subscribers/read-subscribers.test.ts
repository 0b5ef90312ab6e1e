import { computeHa1 } from '@rollcall/digest';
import { describe, expect, it } from 'vitest';
import { SubscribersReader } from './read-subscribers.ts';
import { splitItems } from './split-items.ts';
import type { Subscriber } from './subscriber.ts';

const both = ['SHA-256', 'MD5'] as const;

const readSubscribers = (text: string) => new SubscribersReader(both).read(text);

async function read(text: string): Promise<readonly Subscriber[]> {
  const result = await readSubscribers(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.subscribers;
}

async function problemsOf(text: string): Promise<string[]> {
  const result = await readSubscribers(text);
  return result.ok ? [] : result.problems.map(({ line, text: problem }) => `${line}: ${problem}`);
}

describe('a subscribers file', () => {
  it('A23 A28: gives HA1 for both forms of a name, and keeps no password', async () => {
    const [alice] = await read('- username: alice\n  domain: Example.COM\n  password: wonderland\n');
    expect(alice?.aors).toEqual(['sip:alice@example.com']);
    expect([...(alice?.credentials.keys() ?? [])]).toEqual(['alice', 'alice@example.com']);
    expect(alice?.credentials.get('alice@example.com')).toEqual(
      both.map((algorithm) => ({
        algorithm,
        hash: computeHa1(algorithm, 'alice@example.com', 'example.com', 'wonderland'),
      })),
    );
    expect(JSON.stringify([alice, ...(alice?.credentials ?? [])])).not.toContain('wonderland');
  });

  it('A23: with ha1 knows the stored form of the name only', async () => {
    const hash = 'A'.repeat(32);
    const text = `- {username: bob@example.com, domain: example.com, ha1: {MD5: ${hash}}}`;
    const result = await readSubscribers(text);
    expect(result.ok && result.subscribers[0]?.aors).toEqual(['sip:bob@example.com']);
    expect(result.ok && [...(result.subscribers[0]?.credentials ?? [])]).toEqual([
      ['bob@example.com', [{ algorithm: 'MD5', hash: hash.toLowerCase() }]],
    ]);
    expect(result.ok && result.warnings).toEqual([
      { line: 1, text: expect.stringContaining('ha1 lacks SHA-256') },
    ]);
  });

  it('takes scalars as text: numbers with "+", passwords that look like numbers', async () => {
    const [one] = await read('- {username: 100, domain: example.com, password: 0123, numbers: [+15551234]}');
    expect(one?.numbers).toEqual(['+15551234']);
    expect(one?.aors).toEqual(['sip:100@example.com']);
    expect(one?.credentials.get('100')?.[1]?.hash).toBe(computeHa1('MD5', '100', 'example.com', '0123'));
  });

  it('RE3: gives those who may watch, by their canonical AORs', async () => {
    const text = '- {username: a, domain: example.com, password: x, watchers: ["sips:App@EXAMPLE.com"]}';
    expect((await read(text))[0]?.watchers).toEqual(['sip:App@example.com']);
    expect(await problemsOf(text.replace('sips:App', 'tel:'))).toEqual([
      expect.stringContaining('watchers[0] must be a SIP URI'),
    ]);
  });

  it('R10.3-5c: gives canonical AORs, for names of any bytes', async () => {
    const [one] = await read(
      '- {username: "зоя b", domain: example.com, password: x, aors: ["sips:Sal%65s@EXAMPLE.com:5060;user=phone"]}',
    );
    expect(one?.aors).toEqual(['sip:%D0%B7%D0%BE%D1%8F%20b@example.com', 'sip:Sales@example.com']);
  });

  it('V6: takes an IPv6 address as domain, in one form', async () => {
    const [one] = await read('- {username: a, domain: "[2001:DB8:0::1]", password: x}');
    expect(one).toMatchObject({ domain: '[2001:db8::1]', aors: ['sip:a@[2001:db8::1]'] });
    for (const bad of ['2001:db8::1', '[2001:db8::1', '[1::2::3]', '[2001:db8::1]:5060'])
      expect(await problemsOf(`- {username: a, domain: "${bad}", password: x}`)).toEqual([
        expect.stringContaining('domain must be a domain name'),
      ]);
  });

  it('accepts a subscriber by its networks alone', async () => {
    const [trunk] = await read(
      '- {username: trunk, domain: example.com, networks: [192.0.2.0/24, "2001:db8::1"]}',
    );
    expect(trunk?.networks).toEqual(['192.0.2.0/24', '2001:db8::1/128']);
    expect(trunk?.credentials.size).toBe(0);
  });

  it('takes a state, and where a moved one has gone', async () => {
    const text = `
- { username: a, domain: example.com, password: p, state: blocked }
- { username: b, domain: example.com, password: p, state: moved, movedTo: "sip:b@example.org;x=1" }
- { username: c, domain: example.com, password: p }
- { username: d, domain: example.com, state: ambiguous }
`;
    const read = await new SubscribersReader(['MD5']).read(text);
    expect(read).toMatchObject({
      ok: true,
      subscribers: [
        { state: 'blocked', movedTo: '' },
        { state: 'moved', movedTo: 'sip:b@example.org;x=1' },
        { state: 'active', movedTo: '' },
        { state: 'ambiguous', movedTo: '' },
      ],
    });
    expect(
      await problemsOf(`- { username: a, domain: example.com, password: p, state: moved }
- { username: b, domain: example.com, password: p, state: away }
- { username: c, domain: example.com, password: p, movedTo: sip:a@b }
- { username: d, domain: example.com, password: p, state: moved, movedTo: "mailto:a@b" }
`),
    ).toEqual([
      '1: is moved, and needs movedTo',
      '2: state must be one of active, blocked, gone, moved, ambiguous',
      '3: has movedTo, and needs state: moved',
      '4: movedTo must be a SIP or tel URI, for example sip:alice@example.org',
    ]);
  });

  it('names every problem with its line', async () => {
    const text = [
      '- username: alice', // 1
      '  domain: example.com',
      '  pasword: x', // 3
      '- username: bob', // 4
      '  domain: "not a domain"', // 5
      '  password: ""', // 6
      '  numbers:',
      '    - +15551230001',
      '    - "5551"', // 9
      '- username: carol', // 10
      '  domain: example.com',
      '  password: x',
      '  ha1: {MD5: abc}', // 13
      '  networks: 10.0.0.0/8', // 14
      '  aors: ["tel:+1555"]', // 15
      '- just text', // 16
      '- username: dave', // 17
      '  domain: example.com',
    ].join('\n');
    const problems = await problemsOf(text);
    expect(problems.map((problem) => problem.split(':', 1)[0])).toEqual([
      '1',
      '3',
      '5',
      '6',
      '9',
      '13',
      '14',
      '15',
      '16',
      '17',
    ]);
    expect(problems[0]).toBe('1: needs a password, ha1 or networks');
    expect(problems[1]).toBe('3: pasword is not known here');
    expect(problems[4]).toContain('numbers[1] must be an E.164 number');
    expect(problems.at(-1)).toContain('needs a password, ha1 or networks');
  });

  it('A28: never repeats a secret in a problem', async () => {
    const text = '- {username: alice, domain: example.com, password: [s3cret], ha1: {MD5: deadbeef}}';
    expect((await problemsOf(text)).join()).not.toMatch(/s3cret|deadbeef/);
  });

  it('names the line of broken YAML', async () => {
    expect((await problemsOf('- username: alice\n  domain: [example.com\n- x')).length).toBeGreaterThan(0);
    expect((await problemsOf('- a: 1\n  a: 2\n')).map((problem) => problem.split(':', 1)[0])).toEqual(['2']);
  });

  it('refuses what would lose all subscribers by accident, and takes an empty list', async () => {
    expect(await problemsOf('')).toEqual(['1: is empty; write [] for no subscribers']);
    expect(await problemsOf('# nothing\n')).toEqual(['1: is empty; write [] for no subscribers']);
    expect(await problemsOf('username: alice')).toEqual(['1: must be a list of subscribers']);
    expect(await read('[]')).toEqual([]);
  });

  it('refuses a name or a number given twice', async () => {
    const user = (name: string, number: string) =>
      `- {username: ${name}, domain: example.com, password: x, numbers: [${number}]}\n`;
    const problems = await problemsOf(
      user('alice', '+15551') + user('alice@example.com', '+15552') + user('b', '+15551'),
    );
    expect(problems).toEqual([
      '2: username is that of line 1 again',
      '3: numbers +15551 is on line 1 already',
    ]);
  });

  it('lists twenty problems and counts the rest', async () => {
    const problems = await problemsOf('- {}\n'.repeat(30));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toContain('more problems');
  });
});

describe('reading again', () => {
  const users = (password: string) =>
    ['alice', 'bob'].map((name) => `- username: ${name}\n  domain: example.com\n  password: ${password}\n`);

  it('takes what has not changed from the last reading, wherever it now stands', async () => {
    const reader = new SubscribersReader(both);
    const [alice = '', bob = ''] = users('x');
    const before = await reader.read(alice + bob);
    const after = await reader.read(`# moved\n${bob}${alice.replace('password: x', 'password: y')}`);
    if (!before.ok || !after.ok) throw new Error('not read');
    expect(after.subscribers[0]).toBe(before.subscribers[1]);
    expect(after.subscribers[1]?.credentials).not.toEqual(before.subscribers[0]?.credentials);
  });

  it('names lines as they are in the whole file', async () => {
    const reader = new SubscribersReader(both);
    const [alice = '', bob = ''] = users('x');
    await reader.read(alice + bob);
    const bad = await reader.read(`# one\n# two\n${alice}${bob}${alice}- username: c\n  pasword: x\n`);
    expect(bad.ok ? [] : bad.problems.map(({ line }) => line)).toEqual([9, 12, 13]);
  });
});

describe('the parts of a file', () => {
  const linesOf = (text: string) => splitItems(text).map(({ line }) => line);

  it('are the items of a list at the left margin', () => {
    const text = '# head\n\n- a: 1\n  b:\n    - x\n# between\n- c: |\n    - no item\n-\n  d: 1\r\n\r\n- e';
    expect(linesOf(text)).toEqual([3, 7, 9, 12]);
    expect(
      splitItems(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text.slice(8));
  });

  it('are the whole where it is something else, or has anchors', () => {
    for (const text of [
      '',
      '[]',
      '---\n- a: 1\n- b: 2',
      'a: 1\n',
      '  - a\n  - b',
      '- &x a\n- *x\n',
      '- a\n...\n- b',
    ]) {
      expect(splitItems(text), text).toEqual([{ line: 1, text }]);
    }
  });
});
