import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { chartFolder } from './helm.ts';
import type { Schema } from './schema-words.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Has the schema ask for what values.yaml gives. Helm takes a setting away where a values file leaves it empty (null): templates would
 * stumble over what is not there, or quietly make nothing of it. What is empty by itself, or Kubernetes' own, may be left empty.
 */
export function requireDefaults(schema: Schema): void {
  requireOf(schema, parse(readFileSync(join(chartFolder, 'values.yaml'), 'utf8')) as Values);
}

function requireOf(schema: Schema, defaults: Values): void {
  const properties = schema.properties as Record<string, Schema> | undefined;
  if (properties === undefined) return;
  const required: string[] = [];
  for (const [key, value] of Object.entries(defaults)) {
    const part = properties[key];
    if (part === undefined) throw new Error(`values.yaml has ${key}, which the schema lacks`);
    if (key === 'resources' || isEmpty(value) || isKubernetesOwn(part)) continue;
    required.push(key);
    if (typeof value === 'object' && !Array.isArray(value)) {
      // Parts are shared between components, which do not all give the same.
      properties[key] = { ...part, ...(part.properties ? { properties: { ...part.properties } } : {}) };
      requireOf(properties[key], value as Values);
    }
  }
  if (required.length > 0) schema.required = required;
}

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** A map or a list of anything. */
function isKubernetesOwn({ type, properties, items }: Schema): boolean {
  return (type === 'object' && properties === undefined) || (type === 'array' && items === undefined);
}
