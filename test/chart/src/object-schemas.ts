import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { cacheFolder, goModule } from './go-tools.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface JsonMap {
  [key: string]: Json;
}

const kubernetes = 'k8s.io/kubernetes@v1.34.4';

/** Modules with definitions of custom resources, and where in them. */
const customResources: Readonly<Record<string, string>> = {
  'github.com/prometheus-operator/prometheus-operator@v0.85.0': 'example/prometheus-operator-crd/*.yaml',
  'github.com/kedacore/keda/v2@v2.21.0': 'config/crd/bases/*.yaml',
  'github.com/cert-manager/cert-manager@v1.21.2': 'deploy/crds/*.yaml',
  'sigs.k8s.io/gateway-api@v1.6.1': 'config/crd/experimental/*.yaml',
};

/** Kinds of which no module has the definition: the models and the compiler look at them, this does not. */
export const kindsWithoutSchema = ['GrafanaDashboard'];

/**
 * JSON schemas of Kubernetes' objects and of the custom resources, each in a file of its own that refers to no other.
 * They allow no field that the API does not have.
 *
 * @returns the pattern of their paths, as kubeconform wants it
 */
export function writeObjectSchemas(): string {
  const folder = cacheFolder(`schemas-${kubernetes.split('@')[1]}`);
  const done = join(folder, 'done');
  if (!existsSync(done)) {
    for (const [name, schema] of [...builtIn(), ...custom()])
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(schema));
    writeFileSync(done, '');
  }
  return join(folder, '{{.ResourceKind}}_{{.Group}}_{{.ResourceAPIVersion}}.json');
}

function nameOfSchema(kind: string, group: string, version: string): string {
  // kubeconform takes the version for the group where there is none.
  return `${kind.toLowerCase()}_${group === '' ? version : group}_${version}`;
}

function* builtIn(): Generator<[string, JsonMap]> {
  const file = join(goModule(kubernetes), 'api', 'openapi-spec', 'swagger.json');
  const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as { definitions: Record<string, JsonMap> };
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = definition['x-kubernetes-group-version-kind'] as
      | { group: string; version: string; kind: string }[]
      | undefined;
    if (kinds?.length !== 1 || kinds[0] === undefined) continue;
    const { kind, group, version } = kinds[0];
    const reached = new Map<string, Json>();
    reach(name, definitions, reached);
    const schema = { $ref: `#/definitions/${name}`, definitions: Object.fromEntries(reached) };
    yield [nameOfSchema(kind, group, version), schema];
  }
}

/** Collects a definition and all that it refers to. */
function reach(name: string, all: Readonly<Record<string, JsonMap>>, reached: Map<string, Json>): void {
  const definition = all[name];
  if (reached.has(name) || definition === undefined) return;
  reached.set(name, closed(definition));
  for (const [, other] of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g))
    reach(other ?? '', all, reached);
}

function* custom(): Generator<[string, JsonMap]> {
  interface Definition {
    readonly kind: string;
    readonly spec: {
      readonly group: string;
      readonly names: { readonly kind: string };
      readonly versions: readonly { readonly name: string; readonly schema: { openAPIV3Schema: JsonMap } }[];
    };
  }
  for (const [module, pattern] of Object.entries(customResources)) {
    for (const file of globSync(join(goModule(module), pattern))) {
      for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
        const definition = document.toJS() as Definition | null;
        if (definition?.kind !== 'CustomResourceDefinition') continue;
        const { group, names, versions } = definition.spec;
        for (const { name, schema } of versions)
          yield [nameOfSchema(names.kind, group, name), closed(schema.openAPIV3Schema) as JsonMap];
      }
    }
  }
}

/** The same schema, in which a map with named properties has no others. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  // OpenAPI says "string" of what may be a number too: ports, percentages, quantities.
  if (schema.format === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true)
    return { type: ['string', 'integer'] };
  if (typeof schema.description === 'string' && schema.description.startsWith('Quantity is a fixed-point'))
    return { type: ['string', 'number'] };
  const copy: JsonMap = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description' || key === 'format' || key === 'default') {
      // Of a property that is called so, not of the schema.
      if (value !== null && typeof value === 'object') copy[key] = closed(value);
    } else copy[key] = closed(value);
  }
  const open =
    schema.additionalProperties !== undefined || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const named =
    schema.properties !== undefined && schema.type === 'object' && typeof schema.properties === 'object';
  return named && !open ? { ...copy, additionalProperties: false } : copy;
}
