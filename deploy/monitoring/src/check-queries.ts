import { foreignLabels, foreignMetrics } from './alerts/surroundings.ts';
import { allAlerts, ruleFiles } from './all-rules.ts';
import { describeCommon, describeServices, type MetricDescription } from './catalogue.ts';
import { dashboards } from './dashboards/all.ts';
import { matchersOf } from './dashboards/dashboard.ts';
import { readQuery, withoutVariables } from './query.ts';

/** Labels that Prometheus adds from where it scrapes. */
const scrapeLabels = ['cluster', 'namespace', 'pod', 'job', 'instance', 'le'];
/** What Prometheus makes itself. */
const prometheusMetrics = ['ALERTS', 'up'];
const prometheusLabels = ['alertname', 'alertstate', 'severity'];

/** Metrics of Node.js and of the process whose labels the reference does not list. */
const nodeLabels = ['kind', 'space', 'type', 'version'];

/** A query, and where it stands. */
export interface PlacedQuery {
  readonly where: string;
  readonly query: string;
}

/** Every query of rules and dashboards. */
export function allQueries(): PlacedQuery[] {
  const rules = Object.entries(ruleFiles).flatMap(([file, groups]) =>
    groups.flatMap(({ records = [] }) =>
      records.map(({ record, expr }) => ({ where: `${file}: ${record}`, query: expr })),
    ),
  );
  const alerts = allAlerts.map(({ name, expr }) => ({ where: name, query: expr }));
  const panels = dashboards.flatMap((spec) =>
    spec.rows.flatMap((row) =>
      row.panels.flatMap((panel) =>
        Object.values(panel.queries).map((query) => ({
          where: `${spec.uid}: ${panel.title}`,
          query: withoutVariables(query.replaceAll('SELECT', matchersOf(spec))),
        })),
      ),
    ),
  );
  const marks = dashboards.flatMap((spec) =>
    Object.entries(spec.marks).map(([name, query]) => ({
      where: `${spec.uid}: ${name}`,
      query: withoutVariables(query.replaceAll('SELECT', matchersOf(spec))),
    })),
  );
  return [...rules, ...alerts, ...panels, ...marks];
}

/** What is wrong with queries: syntax, metrics and labels that nobody exports, metrics that no panel shows. */
export async function checkQueries(): Promise<string[]> {
  const exported = [...(await describeCommon()), ...Object.values(describeServices()).flat()];
  const recorded = Object.values(ruleFiles)
    .flat()
    .flatMap(({ records = [] }) => records.map(({ record }) => record));
  const known = new Set([...exported.flatMap(namesOf), ...recorded, ...foreignMetrics, ...prometheusMetrics]);
  const labels = new Set([
    ...exported.flatMap((metric) => Object.keys(metric.labels)),
    ...scrapeLabels,
    ...prometheusLabels,
    ...nodeLabels,
    ...foreignLabels,
  ]);
  const problems: string[] = [];
  const used = new Set<string>();
  for (const { where, query } of allQueries()) {
    const facts = readQuery(query);
    for (const metric of facts.metrics) {
      used.add(metric);
      if (!known.has(metric)) problems.push(`${where}: nobody exports ${metric}`);
    }
    for (const label of facts.labels) {
      if (!labels.has(label)) problems.push(`${where}: no metric has the label ${label}`);
    }
  }
  for (const record of recorded) {
    if (!used.has(record)) problems.push(`${record} is recorded and never read`);
  }
  for (const metric of exported) {
    const ours = metric.name.startsWith('rollcall_');
    if (ours && !namesOf(metric).some((name) => used.has(name)))
      problems.push(`${metric.name} is exported, and no rule and no panel reads it`);
  }
  return problems;
}

/** The names under which a metric is asked for. */
function namesOf({ name, type }: MetricDescription): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}
