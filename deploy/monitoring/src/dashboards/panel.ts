import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** What a panel shows. */
export interface PanelSpec {
  readonly kind: 'lines' | 'stack' | 'stat' | 'heatmap' | 'table';
  readonly title: string;
  /** What it says, and when to worry. */
  readonly description: string;
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** Queries by their legend. SELECT stands for the matchers of the dashboard's variables. */
  readonly queries: Readonly<Record<string, string>>;
  /** Columns of 24; default 8. */
  readonly width?: number;
  /** For a stat: from which values on it turns yellow and red; a falling pair means that less is worse. */
  readonly limits?: readonly [number, number];
}

/** One row of a dashboard. */
export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

const height = 7;
const datasource = { type: 'prometheus', uid: '$datasource' };

/** Makes a panel as Grafana has it. */
export function toPanel(spec: PanelSpec, matchers: string): Builder<dashboard.Panel> {
  const { title, description, unit, width = 8 } = spec;
  const made = make(spec).title(title).description(description).unit(unit).datasource(datasource);
  made.height(height).span(width);
  if (spec.limits !== undefined) made.thresholds(toThresholds(spec.limits));
  for (const target of toTargets(spec, matchers)) made.withTarget(target);
  return made;
}

function make({ kind }: PanelSpec) {
  switch (kind) {
    case 'stat':
      return new stat.PanelBuilder()
        .graphMode(common.BigValueGraphMode.Area)
        .colorMode(common.BigValueColorMode.Value)
        .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
    case 'heatmap':
      return new heatmap.PanelBuilder().calculate(false);
    case 'table':
      return new table.PanelBuilder();
    default:
      return new timeseries.PanelBuilder()
        .min(0)
        .fillOpacity(kind === 'stack' ? 30 : 8)
        .showPoints(common.VisibilityMode.Never)
        .stacking(
          new common.StackingConfigBuilder().mode(
            kind === 'stack' ? common.StackingMode.Normal : common.StackingMode.None,
          ),
        )
        .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi));
  }
}

function toTargets({ kind, queries }: PanelSpec, matchers: string): Builder<prometheus.Dataquery>[] {
  return Object.entries(queries).map(([legend, expr], index) => {
    const query = new prometheus.DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .expr(expr.replaceAll('SELECT', matchers))
      .legendFormat(legend)
      .datasource(datasource);
    if (kind === 'table') return query.instant().format(prometheus.PromQueryFormat.Table);
    return kind === 'heatmap' ? query.range().format(prometheus.PromQueryFormat.Heatmap) : query.range();
  });
}

function toThresholds([first, second]: readonly [number, number]) {
  const rising = second >= first;
  const steps = rising
    ? [
        { color: 'green', value: null },
        { color: 'yellow', value: first },
        { color: 'red', value: second },
      ]
    : [
        { color: 'red', value: null },
        { color: 'yellow', value: second },
        { color: 'green', value: first },
      ];
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}
