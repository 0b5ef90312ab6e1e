import type { DashboardSpec } from './dashboard.ts';
import { edgeRows } from './edge-rows.ts';
import { processRows } from './process-rows.ts';
import { storeMarks } from './queries.ts';
import { registrationRows } from './registration-rows.ts';

/** Every service in detail, pod by pod: for whoever looks for the cause. */
export const serviceDashboard: DashboardSpec = {
  uid: 'rollcall-service',
  title: 'Rollcall / Services',
  description: 'Edge, registrar, auth, location, redirect and the calls between them, by pod.',
  byPod: true,
  marks: storeMarks,
  rows: [...edgeRows, ...registrationRows, ...processRows],
};
