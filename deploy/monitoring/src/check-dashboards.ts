import { dashboards } from './dashboards/all.ts';
import { renderDashboard } from './dashboards/dashboard.ts';

interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface BuiltPanel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: GridPos;
  readonly datasource?: { uid?: string };
  readonly fieldConfig?: { defaults?: { unit?: string } };
}

const columns = 24;

/** What is wrong with the dashboards as Grafana would get them. */
export function checkDashboards(): string[] {
  return dashboards.flatMap((spec) => {
    const built = JSON.parse(renderDashboard(spec)) as { uid: string; panels: BuiltPanel[] };
    const panels = built.panels.filter(({ type }) => type !== 'row');
    const found: string[] = [];
    if (built.uid !== spec.uid) found.push('the uid is lost');
    if (panels.length !== spec.rows.flatMap((row) => row.panels).length) found.push('panels are lost');
    for (const [index, panel] of built.panels.entries()) {
      if (panel.gridPos.x + panel.gridPos.w > columns) found.push(`${panel.title}: beyond the right edge`);
      const over = built.panels.slice(index + 1).find((other) => overlap(panel.gridPos, other.gridPos));
      if (over !== undefined) found.push(`${panel.title} lies over ${over.title}`);
    }
    for (const panel of panels) {
      if (!panel.description) found.push(`${panel.title}: no description`);
      if (!panel.fieldConfig?.defaults?.unit) found.push(`${panel.title}: no unit`);
      if (panel.datasource?.uid !== '$datasource') found.push(`${panel.title}: a data source of its own`);
    }
    return found.map((each) => `${spec.uid}: ${each}`);
  });
}

function overlap(a: GridPos, b: GridPos): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
