import { serviceVariables } from '@rollcall/standalone';
import { componentNames, componentSettings, edgeDrain, resources, variablesOf } from './component-schema.ts';
import { alertNames } from './monitoring-files.ts';
import { requireDefaults } from './required-values.ts';
import {
  anyList,
  anyMap,
  cidrs,
  flag,
  host,
  hostPort,
  labels,
  map,
  name63,
  oneOf,
  port,
  proxyNetwork,
  type Schema,
  secretKey,
  secretName,
  text,
  whole,
} from './schema-words.ts';
import { readSettings } from './values-comments.ts';

const registryHost = '[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?';
/** Without scheme and without a slash at its end. */
const registry: Schema = { type: 'string', pattern: `^(${registryHost}(/[a-z0-9._-]+)*)?$` };
/** Names, or {name} as pods have them. */
const pullSecrets: Schema = {
  type: 'array',
  items: {
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'object', required: ['name'] },
    ],
  },
};

const image = map({
  registry,
  // The registry may be part of it, as it is in what build tools say.
  repository: { type: 'string', pattern: `^(${registryHost}/)?[a-z0-9]+((\\.|_|__|-+|/)[a-z0-9]+)*$` },
  // A tag that moves says nothing about what runs.
  tag: { type: 'string', pattern: '^([\\w][\\w.-]{0,127})?$', not: { const: 'latest' } },
  digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
  pullPolicy: oneOf('', 'IfNotPresent', 'Always', 'Never'),
});

/** The transports that the edge has: those whose addresses it reads. */
export function edgeTransports(): string[] {
  const names = Object.values(serviceVariables.edge).map(({ name }) => name);
  return ['udp', 'tcp', 'tls', 'ws', 'wss'].filter((each) =>
    names.includes(`EDGE_${each.toUpperCase()}_LISTEN`),
  );
}

const listener = map(
  {
    // Also the name of a port, which Kubernetes limits to 15.
    name: {
      type: 'string',
      pattern: '^[a-z](-?[a-z0-9])*$',
      maxLength: 15,
      not: { enum: ['http', 'health'] },
    },
    transport: oneOf(...edgeTransports()),
    port,
    // Ports below 1024 need a privilege that the pods do not have.
    containerPort: whole(1024, 65535),
    nodePort: whole(1, 65535),
    tls: map({ existingSecret: secretName }),
    advertised: map({
      from: oneOf('podIP', 'hostIP'),
      host: { type: 'string', pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)$' },
      port,
    }),
    proxyProtocol: map({ trusted: { type: 'array', items: proxyNetwork, minItems: 1 } }, ['trusted']),
  },
  ['name', 'transport', 'port'],
);

/** Gateways that a route is attached to. */
const parentRefs: Schema = {
  type: 'array',
  items: map({ name: text, namespace: text, sectionName: text }, ['name']),
};
const hostnames: Schema = {
  type: 'array',
  items: { type: 'string', pattern: '^(\\*\\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$' },
};
const lifetime: Schema = { type: 'string', pattern: '^[0-9]+(ms|s|m|h)$' };
/** Host names or URIs. */
const certificateNames: Schema = {
  type: 'array',
  items: {
    type: 'string',
    pattern: '^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[A-Za-z][A-Za-z0-9+.-]*://[^\\s,]+)$',
  },
};
const duration: Schema = { type: 'string', pattern: '^([0-9]+(ms|s|m|h))?$' };

const onePerProtocol = map({ annotations: labels, loadBalancerIP: text });

const exposure = map({
  mode: oneOf('service', 'hostPort', 'hostNetwork', 'gateway', 'none'),
  service: map({
    type: oneOf('LoadBalancer', 'NodePort', 'ClusterIP'),
    mixedProtocol: flag,
    externalTrafficPolicy: oneOf('Local', 'Cluster'),
    internalTrafficPolicy: oneOf('', 'Local', 'Cluster'),
    loadBalancerClass: text,
    loadBalancerSourceRanges: cidrs,
    allocateLoadBalancerNodePorts: flag,
    healthCheckNodePort: whole(0, 65535),
    sessionAffinity: oneOf('None', 'ClientIP'),
    sessionAffinitySeconds: whole(1, 86_400),
    annotations: labels,
    udp: map({ annotations: labels, loadBalancerIP: text, healthPort: whole(0, 65535) }),
    tcp: onePerProtocol,
  }),
  gateway: map({ parentRefs, apiVersion: oneOf('', 'v1', 'v1alpha2'), hostnames }),
  ingress: map({
    enabled: flag,
    className: text,
    host: text,
    path: { type: 'string', pattern: '^/' },
    tlsSecret: secretName,
    annotations: labels,
  }),
});

const alertSettings = map({
  enabled: flag,
  severity: text,
  for: duration,
  expr: { type: 'string', minLength: 1 },
});

/** values.schema.json, from the settings that there are and the variables that the programs have. */
export function buildSchema(): Schema {
  const component = (own: Record<string, Schema>, which: (typeof componentNames)[number]) =>
    map({ image, ...componentSettings(), ...variablesOf(which), ...own });
  const existing = (...keys: string[]) =>
    map({ name: secretName, ...Object.fromEntries(keys.map((key) => [key, secretKey])) });
  // An address with a password belongs into a Secret.
  const redisAddress: Schema = {
    type: 'string',
    pattern: '^((rediss?|redis\\+sentinel|redis\\+cluster)://[^@\\s]+)?$',
  };
  // 0 leaves it to the programs.
  const timeoutMs: Schema = { type: 'integer', oneOf: [{ const: 0 }, { minimum: 50, maximum: 60_000 }] };
  const schema: Schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the Rollcall chart',
    ...map({
      // A chart that has this one as a part may have more in it.
      global: { type: 'object', properties: { imageRegistry: registry, imagePullSecrets: pullSecrets } },
      nameOverride: { type: 'string', pattern: name63 },
      fullnameOverride: { type: 'string', pattern: name63 },
      commonLabels: labels,
      commonAnnotations: labels,
      clusterDomain: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$' },
      listenAddress: oneOf('0.0.0.0', '[::]'),
      httpPort: whole(1024, 65535),
      ipFamilyPolicy: oneOf('', 'SingleStack', 'PreferDualStack', 'RequireDualStack'),
      ipFamilies: { type: 'array', items: oneOf('IPv4', 'IPv6'), uniqueItems: true, maxItems: 2 },
      image: map({
        registry,
        tag: { type: 'string', pattern: '^([\\w][\\w.-]{0,127})?$', not: { const: 'latest' } },
        pullPolicy: oneOf('IfNotPresent', 'Always', 'Never'),
        pullSecrets,
      }),
      log: map({
        level: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace'),
        aor: oneOf('hash', 'plain'),
      }),
      hep: map({
        target: { type: 'string', pattern: `^(${host}:[0-9]{1,5})?$` },
        captureId: whole(0, 4_294_967_295),
        existingSecret: existing('key'),
      }),
      tracing: map({
        endpoint: { type: 'string', pattern: '^(https?://[^\\s?#/]+(/[^\\s?#]*)?)?$' },
        sampleRatio: { type: 'number', minimum: 0, maximum: 1 },
      }),
      domains: {
        type: 'array',
        items: { type: 'string', pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$' },
      },
      podSecurity: map({ fixedUser: flag }),
      subscribers: map({
        existingSecret: existing('key'),
        existingConfigMap: existing('key'),
        // A password belongs into a Secret.
        url: {
          type: 'string',
          pattern: '^(postgres(ql)?://([^@:/\\s]+@)?[^@\\s]+|https?://[^@\\s]+)?$',
        },
        passwordSecret: existing('key'),
        caSecret: existing('key'),
        inline: {
          type: 'array',
          items: { type: 'object', required: ['username', 'domain'] },
        },
      }),
      redis: map({
        mode: oneOf('standalone', 'sentinel', 'cluster'),
        endpoints: { type: 'array', items: { type: 'string', pattern: hostPort }, uniqueItems: true },
        masterName: { type: 'string', pattern: '^[A-Za-z0-9._-]*$' },
        username: { type: 'string', pattern: '^[A-Za-z0-9._~-]*$' },
        database: whole(0, 9999),
        url: redisAddress,
        authUrl: redisAddress,
        existingSecret: {
          ...map({
            name: secretName,
            passwordKey: secretKey,
            sentinelPasswordKey: { type: 'string', pattern: '^[-._a-zA-Z0-9]*$' },
            locationKey: secretKey,
            authKey: secretKey,
          }),
        },
        tls: map({
          enabled: flag,
          caSecret: existing('key'),
          clientSecret: existing('certKey', 'keyKey'),
          serverName: { type: 'string', pattern: '^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?$' },
        }),
        connectTimeoutMs: timeoutMs,
        commandTimeoutMs: timeoutMs,
        keyPrefix: { type: 'string', pattern: '^[A-Za-z0-9._:-]{0,64}$' },
        none: flag,
        dev: map({ enabled: flag, image: { type: 'string', minLength: 1 } }),
      }),
      grpcTls: map({
        enabled: flag,
        existingSecrets: map(
          Object.fromEntries([...componentNames, 'probe'].map((name) => [name, secretName])),
        ),
        certManager: map({
          enabled: flag,
          issuerRef: map({ name: text, kind: text, group: text }),
          duration: lifetime,
          renewBefore: lifetime,
        }),
        clients: map({
          edges: certificateNames,
          registrars: certificateNames,
          redirects: certificateNames,
          others: certificateNames,
        }),
      }),
      common: map({
        ...componentSettings(),
        config: { type: 'object', maxProperties: 0 },
        secretFiles: { type: 'array', maxItems: 0 },
      }),
      edge: component(
        {
          listeners: { type: 'array', items: listener, minItems: 1 },
          flowSecrets: map({ existingSecret: existing('key') }),
          udpReceiveBufferBytes: whole(4096, 1_073_741_824),
          advertise: map({
            from: oneOf('podIP', 'hostIP', 'static'),
            address: { type: 'string', pattern: '^((\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?)?$' },
          }),
          tls: map({
            existingSecret: secretName,
            clientCa: existing('key'),
            certManager: map({
              enabled: flag,
              issuerRef: map({ name: text, kind: text, group: text }),
              dnsNames: hostnames,
              duration,
              renewBefore: duration,
            }),
          }),
          exposure,
          drain: edgeDrain,
        },
        'edge',
      ),
      registrar: component({}, 'registrar'),
      auth: component({ nonceSecrets: map({ existingSecret: existing('key') }) }, 'auth'),
      location: component({ grpcRoute: map({ parentRefs, hostnames }) }, 'location'),
      redirect: component({}, 'redirect'),
      networkPolicy: map({
        enabled: flag,
        sipFrom: anyList,
        sipTo: anyList,
        healthFrom: anyList,
        metricsFrom: anyList,
        locationClients: anyList,
        redisTo: anyList,
        subscribersTo: anyList,
        hepTo: anyList,
        tracingTo: anyList,
        redisPorts: { type: 'array', items: port, minItems: 1 },
        dnsPorts: { type: 'array', items: port, minItems: 1 },
        nodeCidrs: cidrs,
        extraEgress: map(Object.fromEntries(componentNames.map((name) => [name, anyList]))),
      }),
      monitoring: map({
        annotations: flag,
        podMonitor: map({
          enabled: flag,
          interval: { type: 'string', pattern: '^[0-9]+(ms|s|m|h)$' },
          scrapeTimeout: duration,
          sampleLimit: whole(0, 10_000_000),
          labelLimit: whole(0, 1000),
          attachNodeMetadata: flag,
          labels,
          annotations: labels,
          relabelings: anyList,
          metricRelabelings: anyList,
        }),
        serviceMonitor: map({ enabled: flag }),
        rules: map({
          enabled: flag,
          labels,
          annotations: labels,
          alertLabels: labels,
          runbookUrl: { type: 'string', pattern: '^https?://' },
          alerts: map(Object.fromEntries(alertNames().map((name) => [name, alertSettings]))),
        }),
        dashboards: map({
          enabled: flag,
          namespace: secretName,
          labels,
          annotations: labels,
          folder: text,
          grafanaOperator: map({ enabled: flag, instanceSelector: anyMap }),
        }),
      }),
      test: map({
        health: flag,
        aor: { type: 'string', pattern: '^(sips?:[^@\\s]+@[^@\\s]+)?$' },
        existingSecret: existing('key'),
        caSecret: existing('key'),
        image,
        resources,
      }),
      canary: map({
        enabled: flag,
        aor: { type: 'string', pattern: '^(sips?:[^@\\s]+@[^@\\s]+)?$' },
        existingSecret: existing('key'),
        intervalSeconds: whole(1, 3600),
        resources,
        nodeSelector: labels,
        tolerations: anyList,
        podAnnotations: labels,
      }),
      upgrade: map({ acceptStoreChange: flag, acceptDowngrade: flag }),
      extraObjects: anyList,
    }),
  };
  requireDefaults(schema);
  for (const { path, meaning } of readSettings()) describe(schema, path.split('.'), meaning);
  return schema;
}

/** Puts a setting's meaning where editors show it. */
function describe(schema: Schema, path: readonly string[], meaning: string): void {
  const properties = schema.properties as Record<string, Schema>;
  const [key = '', ...rest] = path;
  const found = properties[key];
  if (found === undefined) throw new Error(`values.yaml has ${path.join('.')}, which the schema lacks`);
  if (rest.length > 0) {
    describe(found, rest, meaning);
  } else {
    properties[key] = { ...found, description: meaning };
  }
}
