import { describe, expect, it } from 'vitest';
import { KeyTable } from './key-table.ts';

/** More than three doublings of the table, so that chains are long before each and are dealt anew. */
const many = 10_000;

const filled = () => {
  const table = new KeyTable<{ key: string }>();
  const values = Array.from({ length: many }, (_, index) => ({ key: `z9hG4bK${index}` }));
  for (const value of values) table.add(value.key, value);
  return { table, values };
};

describe('KeyTable', () => {
  it('finds each of many values by its key, and none by another', () => {
    const { table, values } = filled();
    expect(table.size).toBe(many);
    for (const value of values) expect(table.get(value.key)).toBe(value);
    expect(table.get('z9hG4bK')).toBeUndefined();
    expect(new Set(table.values())).toEqual(new Set(values));
  });

  it('removes the value that is meant and leaves its neighbours, wherever it stands in its chain', () => {
    const { table, values } = filled();
    const [go, stay] = [
      values.filter((_, index) => index % 3 !== 0),
      values.filter((_, index) => index % 3 === 0),
    ];
    for (const value of go) table.remove(value.key, value);
    expect(table.size).toBe(stay.length);
    for (const { key } of go) expect(table.get(key)).toBeUndefined();
    for (const value of stay) expect(table.get(value.key)).toBe(value);
    expect([...table.values()]).toHaveLength(stay.length);
  });

  it('of several values with one key finds the last that is left', () => {
    const table = new KeyTable<string>();
    for (const value of ['first', 'second', 'third']) table.add('key', value);
    expect(table.get('key')).toBe('third');
    table.remove('key', 'second');
    expect(table.get('key')).toBe('third');
    table.remove('key', 'third');
    expect(table.get('key')).toBe('first');
    table.remove('key', 'first');
    expect(table.get('key')).toBeUndefined();
    expect(table.size).toBe(0);
  });

  it('removes nothing where the key has another value, or the value another key', () => {
    const table = new KeyTable<string>();
    table.add('one', 'a');
    table.add('two', 'b');
    table.remove('one', 'b');
    table.remove('two', 'a');
    table.remove('three', 'a');
    expect(table.size).toBe(2);
    expect([table.get('one'), table.get('two')]).toEqual(['a', 'b']);
  });

  it('tells keys of one value apart, also where they share a chain', () => {
    const table = new KeyTable<string>();
    for (let index = 0; index < many; index += 1) table.add(`key${index}`, 'value');
    for (let index = 0; index < many; index += 2) table.remove(`key${index}`, 'value');
    for (let index = 0; index < many; index += 1) {
      expect(table.get(`key${index}`)).toBe(index % 2 === 0 ? undefined : 'value');
    }
  });

  it('is empty once cleared, and can be filled again', () => {
    const { table, values } = filled();
    table.clear();
    expect(table.size).toBe(0);
    expect(table.get('z9hG4bK0')).toBeUndefined();
    for (const value of values) table.add(value.key, value);
    expect([...table.values()]).toHaveLength(many);
  });
});
