import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { renderRules } from '../render-rules.ts';

/** What a walk has no patience for, and what stands for it. Thresholds and queries stay as they are. */
const shorter: readonly (readonly [RegExp, string])[] = [
  [/\[5m\]/g, '[20s]'],
  [/\[15m\]/g, '[40s]'],
  [/^( +for:) \S+$/gm, '$1 5s'],
];

/** Writes our rules with windows of seconds into a folder, and gives the pattern of their files. */
export function writeQuickRules(folder: string): string {
  const to = join(folder, 'rules');
  mkdirSync(to);
  for (const [path, text] of Object.entries(renderRules())) {
    if (!path.startsWith('rules/')) continue;
    const quick = shorter.reduce((all, [form, instead]) => all.replace(form, instead), text);
    writeFileSync(join(to, basename(path)), quick);
  }
  return join(to, '*.yaml');
}
