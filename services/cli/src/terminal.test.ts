import { expect, it } from 'vitest';
import { openTerminal } from './terminal.ts';

function open(json: boolean, colour: boolean) {
  const out: string[] = [];
  const err: string[] = [];
  const sinkOf = (into: string[]) => ({ write: (text: string) => into.push(text) });
  return { terminal: openTerminal({ out: sinkOf(out), err: sinkOf(err), json, colour }), out, err };
}

it('shows lines to people and one document to programs', () => {
  const people = open(false, false);
  people.terminal.line('found');
  people.terminal.result({ found: true });
  expect(people.out).toEqual(['found\n']);

  const programs = open(true, false);
  programs.terminal.line('found');
  programs.terminal.result({ found: true });
  expect(programs.out.map((text) => JSON.parse(text))).toEqual([{ found: true }]);
});

it('says problems on standard error either way', () => {
  for (const json of [true, false]) {
    const { terminal, out, err } = open(json, false);
    terminal.problem('no answer');
    expect([out, err]).toEqual([[], ['no answer\n']]);
  }
});

it('colours only where it is told to', () => {
  expect(open(false, true).terminal.mark('good', 'good')).toBe('\u{1b}[32mgood\u{1b}[39m');
  expect(open(false, false).terminal.mark('good', 'good')).toBe('good');
});
