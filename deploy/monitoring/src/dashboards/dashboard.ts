import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { runbookUrl } from '../rule.ts';
import { type RowSpec, toPanel } from './panel.ts';

/** One dashboard. */
export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Whether it has a variable for the pod. */
  readonly byPod: boolean;
  /** Moments that are marked in every panel, by their names: queries that give something then. */
  readonly marks: Readonly<Record<string, string>>;
  readonly rows: readonly RowSpec[];
}

/** The matchers of the variables; a label that Prometheus does not add matches too. */
export function matchersOf({ byPod }: Pick<DashboardSpec, 'byPod'>): string {
  return `cluster=~"$cluster",namespace=~"$namespace"${byPod ? ',pod=~"$pod"' : ''}`;
}

/** The dashboard's JSON, as it is imported into Grafana. */
export function renderDashboard(spec: DashboardSpec): string {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags(['rollcall', 'sip'])
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(variable('cluster', 'label_values(rollcall_build_info, cluster)'))
    .withVariable(variable('namespace', 'label_values(rollcall_build_info{cluster=~"$cluster"}, namespace)'))
    .link(new DashboardLinkBuilder('Runbook').type(DashboardLinkType.Link).url(runbookUrl).targetBlank(true))
    .link(
      new DashboardLinkBuilder('Rollcall')
        .type(DashboardLinkType.Dashboards)
        .tags(['rollcall'])
        .includeVars(true)
        .keepTime(true),
    );
  if (spec.byPod)
    builder.withVariable(
      variable('pod', 'label_values(rollcall_build_info{cluster=~"$cluster",namespace=~"$namespace"}, pod)'),
    );
  for (const [name, query] of Object.entries(spec.marks)) {
    builder.annotation(
      new AnnotationQueryBuilder()
        .name(name)
        .datasource({ type: 'prometheus', uid: '$datasource' })
        .enable(true)
        .iconColor('orange')
        .expr(query.replaceAll('SELECT', matchersOf(spec))),
    );
  }
  for (const row of spec.rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(toPanel(panel, matchersOf(spec)));
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function variable(name: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(name)
    .query(query)
    .datasource({ type: 'prometheus', uid: '$datasource' })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}
