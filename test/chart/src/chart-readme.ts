import { readSettings } from './values-comments.ts';

/** The README of the chart: a fixed text, and the table of its values. */
export function renderReadme(): string {
  const rows = readSettings().map(
    ({ path, meaning, value }) => `| \`${path}\` | \`${cell(value)}\` | ${cell(meaning)} |`,
  );
  return `${introduction}\n| value | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

const introduction = `# The Rollcall chart

Generated from values.yaml by \`npm run chart:docs\`.

Five Deployments (the edge is a DaemonSet in mode \`hostNetwork\`), their Services, policies and budgets. Kubernetes 1.30 or later,
Helm 3.14 or later. [docs/deploy.md](../../docs/deploy.md) says how to install it and why it is as it is.

## First try

\`\`\`sh
helm install rollcall helm/rollcall --set redis.dev.enabled=true --set auth.replicas=1 --set edge.replicas=1 \\
  --set 'subscribers.inline[0].username=alice,subscribers.inline[0].domain=example.com,subscribers.inline[0].password=wonderland'
\`\`\`

## Production

\`\`\`sh
kubectl create secret generic rollcall-redis --from-file=location-store --from-file=auth-store
kubectl create secret generic rollcall-subscribers --from-file=subscribers.yaml
kubectl create secret generic rollcall-nonces --from-file=nonce-secrets
kubectl create secret generic rollcall-flows --from-file=flow-secrets
helm install rollcall helm/rollcall -f helm/rollcall/values-ha.yaml \\
  --set redis.existingSecret.name=rollcall-redis \\
  --set subscribers.existingSecret.name=rollcall-subscribers \\
  --set auth.nonceSecrets.existingSecret.name=rollcall-nonces \\
  --set edge.flowSecrets.existingSecret.name=rollcall-flows
\`\`\`

Values that contradict each other are refused before anything is installed, all at once and by name.

## Who may talk to whom

With \`networkPolicy.enabled\` (the default) nothing else is let in or out.

| from | to | port |
|---|---|---|
| anybody, or \`networkPolicy.sipFrom\` | edge | the listeners |
| edge | edge, and phones (\`networkPolicy.sipTo\`, or anybody) | the listeners; any |
| edge | registrar, redirect | 50051, 50054 |
| registrar, redirect | auth, location | 50052, 50053 |
| \`networkPolicy.locationClients\`, the test pod, the canary | location | 50053 |
| the test pod, the canary | edge | the listeners |
| the test pod (\`test.health\`) | registrar, auth, redirect | 50051, 50052, 50054 |
| auth, location | Redis (\`networkPolicy.redisTo\`) | \`networkPolicy.redisPorts\` |
| auth | source of subscribers (\`networkPolicy.subscribersTo\`) | that of \`subscribers.url\` |
| edge | capture server (\`networkPolicy.hepTo\`) | that of \`hep.target\` |
| all five | trace collector (\`networkPolicy.tracingTo\`) | that of \`tracing.endpoint\` |
| \`networkPolicy.metricsFrom\` | all five, the canary | \`httpPort\` |
| all | DNS | \`networkPolicy.dnsPorts\` |

## Values

Each key of \`common\` may also stand in \`edge\`, \`registrar\`, \`auth\`, \`location\` and \`redirect\`, and wins there.
`;
