import { parser } from '@prometheus-io/lezer-promql';

/** What a query reads. */
export interface QueryFacts {
  /** Names of metrics, histogram suffixes included. */
  readonly metrics: ReadonlySet<string>;
  /** Names of labels in matchers and groupings. */
  readonly labels: ReadonlySet<string>;
}

/** Values for Grafana's variables, as good as any for syntax. */
const grafanaVariables: readonly (readonly [string, string])[] = [
  ['$__rate_interval', '5m'],
  ['$cluster', '.*'],
  ['$namespace', '.*'],
  ['$pod', '.*'],
];

/** A dashboard's query as Prometheus gets it. */
export function withoutVariables(query: string): string {
  return grafanaVariables.reduce((text, [name, value]) => text.replaceAll(name, value), query);
}

/**
 * Reads a PromQL query.
 *
 * @throws Error where it cannot be parsed
 */
export function readQuery(query: string): QueryFacts {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  parser.parse(query).iterate({
    enter: (node) => {
      const text = query.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`not PromQL at ${node.from}: ${query}`);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') metrics.add(text);
      if (node.name === 'LabelName') labels.add(text);
    },
  });
  return { metrics, labels };
}
