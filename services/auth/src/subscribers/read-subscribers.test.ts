import { computeHa1 } from '@rollcall/digest';
import { describe, expect, it } from 'vitest';
import { readSubscribers } from './read-subscribers.ts';
import type { Subscriber } from './subscriber.ts';

const both = ['SHA-256', 'MD5'] as const;

function read(text: string): readonly Subscriber[] {
  const result = readSubscribers(text, both);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.subscribers;
}

function problemsOf(text: string): string[] {
  const result = readSubscribers(text, both);
  return result.ok ? [] : result.problems.map(({ line, text: problem }) => `${line}: ${problem}`);
}

describe('a subscribers file', () => {
  it('A23 A28: gives HA1 for both forms of a name, and keeps no password', () => {
    const [alice] = read('- username: alice\n  domain: Example.COM\n  password: wonderland\n');
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

  it('A23: with ha1 knows the stored form of the name only', () => {
    const hash = 'A'.repeat(32);
    const text = `- {username: bob@example.com, domain: example.com, ha1: {MD5: ${hash}}}`;
    const result = readSubscribers(text, both);
    expect(result.ok && result.subscribers[0]?.aors).toEqual(['sip:bob@example.com']);
    expect(result.ok && [...(result.subscribers[0]?.credentials ?? [])]).toEqual([
      ['bob@example.com', [{ algorithm: 'MD5', hash: hash.toLowerCase() }]],
    ]);
    expect(result.ok && result.warnings).toEqual([
      { line: 1, text: expect.stringContaining('ha1 lacks SHA-256') },
    ]);
  });

  it('takes scalars as text: numbers with "+", passwords that look like numbers', () => {
    const [one] = read('- {username: 100, domain: example.com, password: 0123, numbers: [+15551234]}');
    expect(one?.numbers).toEqual(['+15551234']);
    expect(one?.aors).toEqual(['sip:100@example.com']);
    expect(one?.credentials.get('100')?.[1]?.hash).toBe(computeHa1('MD5', '100', 'example.com', '0123'));
  });

  it('R10.3-5c: gives canonical AORs, for names of any bytes', () => {
    const [one] = read(
      '- {username: "зоя b", domain: example.com, password: x, aors: ["sips:Sal%65s@EXAMPLE.com:5060;user=phone"]}',
    );
    expect(one?.aors).toEqual(['sip:%D0%B7%D0%BE%D1%8F%20b@example.com', 'sip:Sales@example.com']);
  });

  it('accepts a subscriber by its networks alone', () => {
    const [trunk] = read('- {username: trunk, domain: example.com, networks: [192.0.2.0/24, "2001:db8::1"]}');
    expect(trunk?.networks).toEqual(['192.0.2.0/24', '2001:db8::1/128']);
    expect(trunk?.credentials.size).toBe(0);
  });

  it('names every problem with its line', () => {
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
    const problems = problemsOf(text);
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
    expect(problems[4]).toContain('numbers 1 must be an E.164 number');
    expect(problems.at(-1)).toContain('needs a password, ha1 or networks');
  });

  it('A28: never repeats a secret in a problem', () => {
    const text = '- {username: alice, domain: example.com, password: [s3cret], ha1: {MD5: deadbeef}}';
    expect(problemsOf(text).join()).not.toMatch(/s3cret|deadbeef/);
  });

  it('names the line of broken YAML', () => {
    expect(problemsOf('- username: alice\n  domain: [example.com\n- x').length).toBeGreaterThan(0);
    expect(problemsOf('- a: 1\n  a: 2\n').map((problem) => problem.split(':', 1)[0])).toEqual(['2']);
  });

  it('refuses what would lose all subscribers by accident, and takes an empty list', () => {
    expect(problemsOf('')).toEqual(['1: is empty; write [] for no subscribers']);
    expect(problemsOf('# nothing\n')).toEqual(['1: is empty; write [] for no subscribers']);
    expect(problemsOf('username: alice')).toEqual(['1: must be a list of subscribers']);
    expect(read('[]')).toEqual([]);
  });

  it('refuses a name or a number given twice', () => {
    const user = (name: string, number: string) =>
      `- {username: ${name}, domain: example.com, password: x, numbers: [${number}]}\n`;
    const problems = problemsOf(
      user('alice', '+15551') + user('alice@example.com', '+15552') + user('b', '+15551'),
    );
    expect(problems).toEqual([
      '2: username is that of line 1 again',
      '3: numbers +15551 is on line 1 already',
    ]);
  });

  it('lists twenty problems and counts the rest', () => {
    const problems = problemsOf('- {}\n'.repeat(30));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toContain('more problems');
  });
});
