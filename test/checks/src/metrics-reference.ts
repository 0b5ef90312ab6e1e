import { describeCommon, describeServices, type MetricDescription } from '@rollcall/monitoring';

const intro = `# Metrics

Generated from the code by \`npm run docs\`.

Each process serves \`/metrics\` on \`HTTP_LISTEN\` in the Prometheus text format; standalone shows those of all five services. Names
keep Prometheus's rules: base units, \`_total\` on counters only. Label values are closed sets: nothing that a phone sends becomes a
label, so a process has at most 1,500 series, which a test holds: with every transport on, and phones and callers that try all there is. Series that alerts look at exist from the start, at 0.

What is true of the whole cluster (\`rollcall_store_bindings\`, \`rollcall_store_aors\`, \`rollcall_auth_subscribers\`) is said by every
replica alike: aggregate it with \`max\`, everything else with \`sum\`. Rules, alerts and dashboards made of these metrics are in
[deploy/monitoring](../deploy/monitoring/README.md), what to do when an alert fires in the [runbook](runbook.md).
`;

/** docs/metrics.md: every metric of every process. */
export async function renderMetrics(): Promise<string> {
  const common = await describeCommon();
  const isOurs = ({ name }: MetricDescription) => !/^(process|nodejs)_/.test(name);
  const sections = [
    intro,
    `## Every process\n\n${table(common.filter(isOurs))}`,
    ...Object.entries(describeServices()).map(([name, metrics]) => `## ${name}\n\n${table(metrics)}`),
    `## Node.js\n\nFrom prom-client, with the names that public dashboards know. Those of the event loop are reset by each scrape; \`rollcall_event_loop_delay_seconds\` is not.\n\n${table(common.filter((each) => !isOurs(each)))}`,
  ];
  return sections.join('\n');
}

function table(metrics: readonly MetricDescription[]): string {
  const rows = [...metrics]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(
      ({ name, type, labels, help }) =>
        `| \`${name}\` | ${type} | ${describeLabels(name, labels)} | ${help.replaceAll('|', '\\|')} |`,
    );
  return `| metric | type | labels | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function describeLabels(name: string, labels: MetricDescription['labels']): string {
  // Its values are what this very process is.
  if (name === 'rollcall_build_info')
    return Object.keys(labels)
      .map((label) => `\`${label}\``)
      .join(', ');
  return Object.entries(labels)
    .map(([label, values]) => (values === null ? `\`${label}\`` : `\`${label}\`: ${values.join(', ')}`))
    .join('; ');
}
