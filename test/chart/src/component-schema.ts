import { serviceVariables } from '@rollcall/standalone';
import {
  anyList,
  anyMap,
  flag,
  labels,
  map,
  oneOf,
  type Schema,
  secretKey,
  secretName,
  text,
  whole,
} from './schema-words.ts';

/** The components in the order of a registration. */
export const componentNames = ['edge', 'registrar', 'auth', 'location', 'redirect'] as const;

/** Variables that the chart sets itself, from other values. */
const ownVariables =
  /^(HTTP_LISTEN|LOG_LEVEL|LOG_FORMAT|LOG_AOR|.*_GRPC_LISTEN|EDGE_(UDP|TCP|TLS|WS|WSS)_LISTEN|EDGE_TLS_(CERT|KEY|CLIENT_CA)_FILE|EDGE_NAME|EDGE_ADVERTISE|EDGE_PROXY_PROTOCOL_FROM|EDGE_UDP_RECEIVE_BUFFER|EDGE_FLOW_SECRETS|EDGE_DRAIN_.*|EDGE_(REGISTRAR|REDIRECT)|(REGISTRAR|REDIRECT)_(AUTH|LOCATION)|AUTH_(SUBSCRIBERS|DOMAINS|NONCE_SECRETS)|(AUTH|LOCATION)_STORE.*|TRACE_.*|EDGE_HEP_.*|GRPC_TLS_.*|.*_GRPC_(EDGES|REGISTRARS|REDIRECTS|CLIENTS))$/;

export const resources = map({ requests: anyMap, limits: anyMap, claims: anyList });

const probe = map({
  initialDelaySeconds: whole(0, 3600),
  periodSeconds: whole(1, 300),
  timeoutSeconds: whole(1, 60),
  failureThreshold: whole(1, 1000),
  successThreshold: whole(1, 10),
});

const spread = oneOf('', 'ScheduleAnyway', 'DoNotSchedule');
const environment: Schema = { type: 'array', items: { type: 'object', required: ['name'] } };

const drain = { preStopSeconds: whole(0, 3600) };
/** What an edge does once it is told to stop. */
export const edgeDrain = map({
  ...drain,
  acceptSeconds: whole(0, 3600),
  streamSeconds: whole(0, 86_400),
  udpSeconds: whole(0, 86_400),
});

/** What each component and `common` may have. */
export function componentSettings(): Record<string, Schema> {
  return {
    replicas: whole(1, 1000),
    logLevel: oneOf('', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'),
    resources,
    drain: map(drain),
    terminationGracePeriodSeconds: whole(26, 86_400),
    minReadySeconds: whole(0, 3600),
    revisionHistoryLimit: whole(0, 100),
    pdb: map({
      enabled: flag,
      single: flag,
      maxUnavailable: { oneOf: [whole(1, 1000), { type: 'string', pattern: '^[0-9]{1,2}%$' }] },
    }),
    autoscaling: map({
      enabled: flag,
      minReplicas: whole(1, 1000),
      maxReplicas: whole(1, 1000),
      cpuPercent: whole(1, 100),
      extraMetrics: anyList,
      behavior: anyMap,
    }),
    keda: map({
      enabled: flag,
      triggers: anyList,
      pollingSeconds: whole(1, 3600),
      annotations: labels,
    }),
    probes: map({ startup: probe, liveness: probe, readiness: probe }),
    spread: map({ zones: spread, nodes: spread }),
    existingServiceAccount: secretName,
    serviceAccountAnnotations: labels,
    podAnnotations: labels,
    podLabels: labels,
    nodeSelector: labels,
    tolerations: anyList,
    affinity: anyMap,
    priorityClassName: text,
    runtimeClassName: text,
    schedulerName: text,
    sysctls: { type: 'array', items: map({ name: text, value: text }, ['name', 'value']) },
    dnsPolicy: oneOf('', 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'),
    dnsConfig: anyMap,
    hostAliases: anyList,
    extraEnv: environment,
    extraEnvFrom: anyList,
    extraVolumes: anyList,
    extraVolumeMounts: anyList,
    lifecycle: anyMap,
    initContainers: anyList,
    sidecars: anyList,
  };
}

/** The variables of a component that may be in its `config`, and those that may be in `secretFiles`. */
export function variablesOf(component: (typeof componentNames)[number]): Record<string, Schema> {
  const variables = Object.values(serviceVariables[component]).filter(({ name }) => !ownVariables.test(name));
  const secret = variables.filter((each) => 'secret' in each && each.secret === true).map(({ name }) => name);
  const open = variables.filter(({ name }) => !secret.includes(name));
  const entry = map(
    {
      variable: { enum: secret },
      existingSecret: map({ name: { ...secretName, minLength: 1 }, key: secretKey }, ['name', 'key']),
    },
    ['variable', 'existingSecret'],
  );
  return {
    config: map(
      Object.fromEntries(
        open.map(({ name, meaning }) => [
          name,
          { type: ['string', 'number', 'boolean'], description: meaning },
        ]),
      ),
    ),
    secretFiles: secret.length === 0 ? { type: 'array', maxItems: 0 } : { type: 'array', items: entry },
  };
}
