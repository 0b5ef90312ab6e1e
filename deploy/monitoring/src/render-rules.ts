import { stringify } from 'yaml';
import { ruleFiles } from './all-rules.ts';
import { recordChecks } from './record-checks.ts';
import { type Alert, type RecordCheck, type RuleGroup, runbookUrl, type Scenario } from './rule.ts';

const banner = '# Made from src/ by "npm run monitoring"; do not edit.\n';

/** The rule files and their tests, by path in this folder. */
export function renderRules(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [name, groups] of Object.entries(ruleFiles)) {
    files[`rules/${name}`] = toYaml({ groups: groups.map(toGroup) });
    const alerts = groups.flatMap((group) => group.alerts ?? []);
    const played = groups.some(({ playedToRecords }) => playedToRecords === true);
    if (alerts.length > 0) files[`tests/${name}`] = toYaml(toTests(name, alerts, played));
  }
  files['tests/recording.yaml'] = toYaml({
    rule_files: ['../rules/recording.yaml'],
    evaluation_interval: '1m',
    tests: recordChecks.map(toRecordTest),
  });
  return files;
}

function toGroup(group: RuleGroup) {
  const records = (group.records ?? []).map(({ record, expr }) => ({ record, expr }));
  return { name: group.name, rules: [...records, ...(group.alerts ?? []).map(toRule)] };
}

function toRule(alert: Alert) {
  return {
    alert: alert.name,
    expr: alert.expr,
    for: alert.for,
    labels: { severity: alert.severity, ...alert.labels },
    annotations: {
      summary: alert.summary,
      description: alert.description,
      runbook_url: `${runbookUrl}#${alert.name.toLowerCase()}`,
    },
  };
}

/** One test in which each alert fires, and one in which it stays silent; alerts of one name are told apart by labels. */
function toTests(name: string, alerts: readonly Alert[], playedToRecords: boolean) {
  return {
    rule_files: [...(playedToRecords ? [] : ['../rules/recording.yaml']), `../rules/${name}`],
    evaluation_interval: '1m',
    tests: alerts.flatMap((alert) => [
      toTest(alert, alert.fires, 'fires'),
      toTest(alert, alert.silent, 'stays silent'),
    ]),
  };
}

function toTest(alert: Alert, scenario: Scenario, expected: 'fires' | 'stays silent') {
  const matchers = { alertname: alert.name, alertstate: 'firing', severity: alert.severity, ...alert.labels };
  const selector = Object.entries(matchers)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',');
  return {
    name: `${alert.name} ${Object.values(alert.labels ?? {}).join('/')} ${expected}`.replace('  ', ' '),
    interval: scenario.step ?? '1m',
    input_series: Object.entries(scenario.series).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{${selector}})`,
        eval_time: scenario.at,
        exp_samples: expected === 'fires' ? [{ labels: '{}', value: 1 }] : [],
      },
    ],
  };
}

function toRecordTest({ name, series, at, step, expr, labels, value }: RecordCheck) {
  return {
    name,
    interval: step ?? '1m',
    input_series: Object.entries(series).map(([each, values]) => ({ series: each, values })),
    promql_expr_test: [{ expr, eval_time: at, exp_samples: [{ labels, value }] }],
  };
}

function toYaml(value: unknown): string {
  return banner + stringify(value, { lineWidth: 0 });
}
