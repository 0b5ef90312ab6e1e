import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, isScalar, type Node, parseDocument } from 'yaml';
import { chartFolder } from './helm.ts';

/** One setting of values.yaml. */
export interface Setting {
  /** For example "edge.exposure.mode". */
  readonly path: string;
  /** The text after "# --"; '' where there is none. */
  readonly meaning: string;
  /** Its default, as JSON. */
  readonly value: string;
}

/** All settings of values.yaml that have a comment, in its order. */
export function readSettings(): Setting[] {
  const document = parseDocument(readFileSync(join(chartFolder, 'values.yaml'), 'utf8'));
  const settings: Setting[] = [];
  collect(document, document.contents, '', settings);
  return settings;
}

function collect(document: Document, node: Node | null, prefix: string, settings: Setting[]): void {
  if (!isMap(node)) return;
  for (const [index, { key, value }] of node.items.entries()) {
    if (!isScalar(key)) continue;
    const path = prefix === '' ? String(key.value) : `${prefix}.${String(key.value)}`;
    // yaml keeps the comment above the first key of a map with the map, the others with their keys.
    const comment = index === 0 ? (node.commentBefore ?? key.commentBefore) : key.commentBefore;
    const meaning = meaningOf(comment ?? '');
    if (meaning !== '')
      settings.push({ path, meaning, value: JSON.stringify((value as Node).toJS(document)) });
    collect(document, value as Node, path, settings);
  }
}

function meaningOf(comment: string): string {
  const lines = comment.split('\n').map((line) => line.trim());
  const start = lines.findLastIndex((line) => line.startsWith('-- '));
  return start < 0 ? '' : lines.slice(start).join(' ').slice('-- '.length);
}
