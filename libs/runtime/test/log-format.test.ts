import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const logger = fileURLToPath(new URL('../src/logger.ts', import.meta.url));

/** What a process writes to its standard output, which is no terminal here. */
function written(format: '' | 'json' | 'pretty'): string {
  const program = `
    const { createLogger } = await import(${JSON.stringify(logger)});
    createLogger({ service: 'edge', level: 'info', format: '${format}' }).warn({ callId: 'c1', nonce: 'n1' }, 'some text');
  `;
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
}

it('pretty is for people: a line with time, level and text, then what belongs to it', () => {
  const text = written('pretty');
  expect(text).toMatch(/^\[[^\]]+\] WARN: some text\n/);
  expect(text).toContain('callId: "c1"');
  expect(text).not.toContain('n1');
  expect(() => JSON.parse(text)).toThrow();
});

it.each(['json', ''] as const)('"%s" is JSON where nobody looks', (format) => {
  expect(JSON.parse(written(format))).toMatchObject({ level: 'warn', msg: 'some text', callId: 'c1' });
});
