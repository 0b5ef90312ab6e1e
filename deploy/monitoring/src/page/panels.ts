import { dashboards } from '../dashboards/all.ts';
import { matchersOf } from '../dashboards/dashboard.ts';
import type { PanelSpec } from '../dashboards/panel.ts';
import { withoutVariables } from '../query.ts';

/** Grafana's default, in columns of 24. */
const defaultWidth = 8;

/** What the page draws: the dashboards' own panels, with everything of every cluster, namespace and pod. */
export function describePanels() {
  return dashboards.map((spec) => ({
    uid: spec.uid,
    title: spec.title,
    description: spec.description,
    rows: spec.rows.map(({ title, panels }) => ({
      title,
      panels: panels.map(
        ({ kind, title: name, description, unit, width = defaultWidth, limits, queries }) => ({
          kind,
          title: name,
          description,
          unit,
          width,
          limits,
          queries: Object.entries(queries).map(([legend, query]) => ({
            legend,
            expr: withoutVariables(query.replaceAll('SELECT', matchersOf(spec))),
          })),
        }),
      ),
    })),
  }));
}

/** How high a dashboard is on the page, in pixels; page.css has the same figures. */
export function pageHeight(uid: string): number {
  const rows = dashboards.find((spec) => spec.uid === uid)?.rows ?? [];
  return rows.reduce((height, { panels }) => height + titleHeight + heightOf(panels), headHeight);
}

const headHeight = 70;
const titleHeight = 46;
const gap = 10;

function heightOf(panels: readonly PanelSpec[]): number {
  let height = 0;
  let line = 0;
  let free = 0;
  for (const { kind, width = defaultWidth } of panels) {
    const own = (kind === 'stat' ? 120 : 250) + gap;
    if (width > free) {
      height += line;
      line = 0;
      free = 24;
    }
    free -= width;
    line = Math.max(line, own);
  }
  return height + line;
}
