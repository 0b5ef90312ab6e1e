import { burnRateAlerts } from './alerts/burn-rates.ts';
import { canaryAlerts } from './alerts/canary.ts';
import { serviceAlerts } from './alerts/services.ts';
import { surroundingsAlerts } from './alerts/surroundings.ts';
import { trafficAlerts } from './alerts/traffic.ts';
import { recordingRules } from './recording-rules.ts';
import type { Alert, RuleGroup } from './rule.ts';

/** The rule files, by their name in rules/. */
export const ruleFiles: Readonly<Record<string, readonly RuleGroup[]>> = {
  'recording.yaml': recordingRules,
  'burn-rates.yaml': [burnRateAlerts],
  'traffic.yaml': [trafficAlerts],
  'services.yaml': [serviceAlerts],
  'canary.yaml': [canaryAlerts],
  'surroundings.yaml': [surroundingsAlerts],
};

/** Every alert. */
export const allAlerts: readonly Alert[] = Object.values(ruleFiles)
  .flat()
  .flatMap(({ alerts }) => alerts ?? []);
