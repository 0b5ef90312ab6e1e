import type { DashboardSpec } from './dashboard.ts';
import { overviewDashboard } from './overview.ts';
import { serviceDashboard } from './service.ts';

/** Every dashboard. */
export const dashboards: readonly DashboardSpec[] = [overviewDashboard, serviceDashboard];
