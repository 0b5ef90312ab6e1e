import { dashboards } from './dashboards/all.ts';
import { renderDashboard } from './dashboards/dashboard.ts';
import { renderRules } from './render-rules.ts';

/** Every generated file, by its path in this folder. */
export function renderFiles(): Record<string, string> {
  const made = dashboards.map((spec) => [`dashboards/${spec.uid}.json`, renderDashboard(spec)]);
  return { ...renderRules(), ...Object.fromEntries(made) };
}
