/** Values that must be refused. */
export interface WrongValues {
  /** What a person would write, as arguments of --set. */
  readonly set: readonly string[];
  /** What the refusal must say, so that the person finds the mistake. */
  readonly says: string;
}

/** Where redis and subscribers are right, so that only what follows is wrong. */
const base = [
  'redis.url=redis://redis:6379',
  'subscribers.existingSecret.name=subscribers',
  'edge.flowSecrets.existingSecret.name=flows',
  'auth.nonceSecrets.existingSecret.name=nonces',
];

function wrong(says: string, ...set: string[]): WrongValues {
  return { set: [...base, ...set], says };
}

/** A setting of a listener that replaces the usual ones. */
function listener(setting: string): string {
  return `edge.listeners[0].${setting}`;
}

/** Redis by its endpoints, and a mistake. */
function wrongRedis(says: string, ...set: string[]): WrongValues {
  return { set: ['redis.endpoints[0]=redis:6379', ...base.slice(1), ...set], says };
}

/** TLS over gRPC with all Secrets but one. */
const grpcSecrets = ['edge', 'registrar', 'auth', 'location'].map(
  (name) => `grpcTls.existingSecrets.${name}=${name}-grpc`,
);

const grpcTlsMistakes: readonly WrongValues[] = [
  wrong('grpcTls.enabled: needs certificates', 'grpcTls.enabled=true'),
  wrong('grpcTls.enabled: is false, so that', 'grpcTls.certManager.enabled=true'),
  wrong('grpcTls.enabled: is false, so that', ...grpcSecrets),
  wrong(
    'grpcTls.existingSecrets.redirect: needed by grpcTls.enabled',
    'grpcTls.enabled=true',
    ...grpcSecrets,
  ),
  wrong(
    'grpcTls.existingSecrets.probe: needed by test.aor, test.health and canary.enabled',
    'grpcTls.enabled=true',
    'test.health=true',
    'grpcTls.existingSecrets.redirect=redirect-grpc',
    ...grpcSecrets,
  ),
  wrong(
    'grpcTls.certManager.issuerRef.name: needed by certManager.enabled',
    'grpcTls.enabled=true',
    'grpcTls.certManager.enabled=true',
  ),
  wrong(
    'grpcTls.existingSecrets.auth: cannot be set beside grpcTls.certManager.enabled',
    'grpcTls.enabled=true',
    'grpcTls.certManager.enabled=true',
    ...grpcSecrets,
  ),
  wrong('grpcTls.clients.others: of no use without grpcTls.enabled', 'grpcTls.clients.others[0]=router'),
  wrong('grpcTls', 'grpcTls.clients.edges[0]=not a name'),
  wrong('GRPC_TLS_CA_FILE', 'auth.config.GRPC_TLS_CA_FILE=/ca.crt'),
];

const redisMistakes: readonly WrongValues[] = [
  wrong('redis.endpoints: cannot be set beside redis.url', 'redis.endpoints[0]=redis:6379'),
  wrong('redis.endpoints: needed by redis.mode=cluster', 'redis.mode=cluster'),
  wrong('redis.tls.enabled: only with redis.endpoints', 'redis.tls.enabled=true'),
  wrong('redis.username: only with redis.endpoints', 'redis.username=rollcall'),
  wrong('redis.database: only with redis.endpoints', 'redis.database=2'),
  wrong('redis.tls.caSecret.name: of no use without TLS', 'redis.tls.caSecret.name=ca'),
  wrong('redis.url: cannot be set beside redis.existingSecret.name', 'redis.existingSecret.name=redis'),
  wrong(
    'location.config.LOCATION_MIN_REPLICAS_ACK: must be 0 with a cluster',
    'redis.url=redis+cluster://r1:6379',
    'location.config.LOCATION_MIN_REPLICAS_ACK=1',
  ),
  { set: ['redis.authUrl=redis://locks', ...base.slice(1)], says: 'redis.authUrl: only with redis.url' },
  wrongRedis('redis.endpoints: one with redis.mode=standalone, not 2', 'redis.endpoints[1]=other:6379'),
  wrongRedis('redis.masterName: needed by redis.mode=sentinel', 'redis.mode=sentinel'),
  wrongRedis('redis.masterName: only with redis.mode=sentinel', 'redis.masterName=main'),
  wrongRedis('redis.database: must be 0 with redis.mode=cluster', 'redis.mode=cluster', 'redis.database=3'),
  wrongRedis('redis.username: needs redis.existingSecret.name', 'redis.username=rollcall'),
  wrongRedis(
    'redis.existingSecret.sentinelPasswordKey: only with redis.mode=sentinel',
    'redis.existingSecret.name=redis',
    'redis.existingSecret.sentinelPasswordKey=sentinel',
  ),
  wrongRedis(
    'redis.tls.clientSecret.name: of no use without TLS',
    'redis.tls.clientSecret.name=redis-client',
  ),
  wrongRedis('redis.tls.serverName: of no use without TLS', 'redis.tls.serverName=redis.example.net'),
  wrongRedis('redis.dev.enabled: cannot be true beside redis.endpoints', 'redis.dev.enabled=true'),
  wrongRedis('/redis/mode', 'redis.mode=replicated'),
  wrongRedis('/redis/endpoints/0', 'redis.endpoints[0]=redis://redis:6379'),
  wrongRedis('/redis/keyPrefix', 'redis.keyPrefix=a{b}'),
  wrongRedis('/redis/commandTimeoutMs', 'redis.commandTimeoutMs=10'),
];

/** What Kubernetes alone would refuse, or take and do nothing with. */
const kubernetesMistakes: readonly WrongValues[] = [
  wrong('fullnameOverride: objects would be called 5g-…', 'fullnameOverride=5g'),
  wrong(
    'commonLabels: app.kubernetes.io/name is a label that the chart gives itself',
    'commonLabels.app\\.kubernetes\\.io/name=voip',
  ),
  wrong('edge.podLabels: helm.sh/chart is a label', 'edge.podLabels.helm\\.sh/chart=mine'),
  wrong(
    'auth.extraEnv: A is there twice',
    ...['[0].name=A', '[0].value=1', '[1].name=A', '[1].value=2'].map((each) => `auth.extraEnv${each}`),
  ),
  wrong('/edge/extraEnv/0', 'edge.extraEnv[0].value=1'),
  wrong(
    'edge.sysctls: net.core.somaxconn: on the node',
    'edge.exposure.mode=hostNetwork',
    'edge.sysctls[0].name=net.core.somaxconn',
    'edge.sysctls[0].value=10 20',
  ),
  wrong('listenAddress: must be [::] where Services have IPv6', 'ipFamilies[0]=IPv6'),
  wrong('listenAddress: must be [::] where Services have IPv6', 'ipFamilyPolicy=PreferDualStack'),
  wrong(
    'parentRefs: sip: leave sectionName out where there is more than one listener',
    'edge.exposure.mode=gateway',
    'edge.exposure.gateway.parentRefs[0].name=sip',
    'edge.exposure.gateway.parentRefs[0].sectionName=udp',
  ),
  wrong(
    'udp.healthPort: without a listener of transport udp',
    'edge.exposure.service.udp.healthPort=8080',
    ...['name=sip', 'transport=tcp', 'port=5060'].map(listener),
  ),
  wrong(
    'sip: port 443 is below 1024',
    'edge.exposure.mode=hostNetwork',
    ...['name=sip', 'transport=tcp', 'port=443'].map(listener),
  ),
  wrong(
    'networkPolicy.nodeCidrs: needed beside sipFrom and sipTo',
    'edge.exposure.mode=hostPort',
    'edge.advertise.from=hostIP',
    'networkPolicy.sipFrom[0].ipBlock.cidr=192.0.2.0/24',
  ),
  wrong('/image/registry', 'image.registry=https://registry.example.net'),
  wrong('/image/registry', 'image.registry=registry.example.net/'),
  wrong('/edge/listeners/0/name', ...['name=sip--udp', 'transport=udp', 'port=5060'].map(listener)),
  // What a values file leaves empty is taken away.
  wrong("at '/edge': missing property 'listeners'", 'edge.listeners=null'),
  wrong("at '/common': missing property 'replicas'", 'common.replicas=null'),
  wrong("at '': missing property 'redis'", 'redis=null'),
];

/** One mistake each: misspelt, out of range, of the wrong kind, or against another value. */
export const wrongValues: readonly WrongValues[] = [
  wrong("additional properties 'replica' not allowed", 'edge.replica=3'),
  wrong("additional properties 'egde' not allowed", 'egde.replicas=3'),
  wrong('/edge/replicas', 'edge.replicas=0'),
  wrong('/edge/replicas', 'edge.replicas=two'),
  wrong('/edge/listeners', 'edge.listeners=5060'),
  wrong("value must be one of 'udp', 'tcp'", 'edge.listeners[0].transport=sctp'),
  wrong('/edge/listeners/0/transport', 'edge.listeners[0].transport=UDP'),
  wrong('/edge/listeners/0/port', 'edge.listeners[0].port=70000'),
  wrong('/edge/listeners/0/containerPort', 'edge.listeners[0].containerPort=443'),
  wrong('/edge/listeners/0/name', 'edge.listeners[0].name=SIP_over_UDP'),
  wrong('/edge/listeners/0/name', 'edge.listeners[0].name=http'),
  wrong('/edge/exposure/mode', 'edge.exposure.mode=ingress'),
  wrong('/edge/exposure/service/externalTrafficPolicy', 'edge.exposure.service.externalTrafficPolicy=local'),
  wrong(
    '/edge/exposure/service/loadBalancerSourceRanges/0',
    'edge.exposure.service.loadBalancerSourceRanges[0]=10.0.0.1',
  ),
  wrong('/image/tag', 'image.tag=latest'),
  wrong('/image/pullPolicy', 'image.pullPolicy=Sometimes'),
  wrong('/location/image/digest', 'location.image.digest=sha256:abc'),
  wrong('/log/level', 'log.level=verbose'),
  wrong('/redis/url', 'redis.url=redis://:secret@redis:6379'),
  wrong('/redis/url', 'redis.url=redis'),
  wrong(
    "additional properties 'REGISTRAR_MAX_CONTACT' not allowed",
    'registrar.config.REGISTRAR_MAX_CONTACT=5',
  ),
  wrong("additional properties 'LOCATION_STORE' not allowed", 'location.config.LOCATION_STORE=memory:'),
  wrong('/common/spread', 'common.spread=Always'),
  wrong('/edge/spread/nodes', 'edge.spread.nodes=Always'),
  wrong('/common/probes/liveness/periodSeconds', 'common.probes.liveness.periodSeconds=0'),
  wrong('/networkPolicy/enabled', 'networkPolicy.enabled=on-please'),
  wrong('/test/aor', 'test.aor=alice'),
  wrong('/monitoring/podMonitor/interval', 'monitoring.podMonitor.interval=soon'),
  wrong('/httpPort', 'httpPort=80'),
  wrong('/domains/0', 'domains[0]=sip:example.com'),
  { set: [], says: 'redis: say where bindings are kept' },
  { set: ['redis.none=true', ...base.slice(1)], says: 'location.replicas: more than one needs Redis' },
  { set: base.slice(0, 1), says: 'subscribers: set exactly one' },
  { set: base.slice(0, 2), says: 'edge.flowSecrets.existingSecret.name: needed by more than one edge' },
  { set: base.slice(0, 3), says: 'auth.nonceSecrets.existingSecret.name: needed by more than one auth' },
  wrong('redis.dev.enabled: cannot be true beside redis.endpoints, redis.url', 'redis.dev.enabled=true'),
  ...redisMistakes,
  ...kubernetesMistakes,
  ...grpcTlsMistakes,
  wrong('/hep/target', 'hep.target=homer'),
  wrong('/tracing/endpoint', 'tracing.endpoint=collector:4317'),
  wrong('/tracing/sampleRatio', 'tracing.sampleRatio=2'),
  wrong(
    "additional properties 'TRACE_OTLP_ENDPOINT' not allowed",
    'auth.config.TRACE_OTLP_ENDPOINT=http://c',
  ),
  wrong('hep.target: needed by hep.existingSecret', 'hep.existingSecret.name=homer'),
  wrong('subscribers: set exactly one', 'subscribers.inline[0].username=a', 'subscribers.inline[0].domain=b'),
  wrong('edge.terminationGracePeriodSeconds: 180 is less', 'edge.drain.streamSeconds=300'),
  wrong('edge.terminationGracePeriodSeconds: 180 is less', 'edge.drain.udpSeconds=170'),
  wrong('auth.terminationGracePeriodSeconds: 45 is less', 'common.drain.preStopSeconds=30'),
  wrong('/edge/drain', 'edge.drain.streamsSeconds=30'),
  wrong(
    'registrar.autoscaling.minReplicas: 20 is more than maxReplicas 10',
    'registrar.autoscaling.enabled=true',
    'registrar.autoscaling.minReplicas=20',
  ),
  wrong('networkPolicy.nodeCidrs: needed in mode hostNetwork', 'edge.exposure.mode=hostNetwork'),
  wrong('edge.exposure.gateway.parentRefs: needed', 'edge.exposure.mode=gateway'),
  wrong(
    'the name "sip" is there twice',
    ...['name=sip', 'transport=udp', 'port=5060'].map((each) => `edge.listeners[0].${each}`),
    ...['name=sip', 'transport=tcp', 'port=5060'].map((each) => `edge.listeners[1].${each}`),
  ),
  wrong(
    'tcp/8080 is in use already',
    ...['name=sip', 'transport=tcp', 'port=8080'].map((each) => `edge.listeners[0].${each}`),
  ),
  wrong('test.existingSecret.name: needed by test.aor', 'test.aor=sip:probe@example.com'),
  wrong(
    'edge.keda.enabled: cannot be true beside autoscaling.enabled',
    'edge.keda.enabled=true',
    'edge.autoscaling.enabled=true',
  ),
  wrong('edge.keda.enabled: a DaemonSet', 'edge.exposure.mode=hostNetwork', 'edge.keda.enabled=true'),
  wrong(
    'registrar.resources.requests.cpu: needed by autoscaling',
    'registrar.keda.enabled=true',
    'common.resources.requests.cpu=null',
  ),
  wrong('edge.advertise.address: needed by advertise.from=static', 'edge.advertise.from=static'),
  wrong('edge.advertise.address: only with', 'edge.advertise.address=192.0.2.1'),
  wrong('edge.advertise.from: hostIP is where edges are only', 'edge.advertise.from=hostIP'),
  wrong('/edge/advertise/address', 'edge.advertise.from=static', 'edge.advertise.address=sip:192.0.2.1'),
  wrong('/edge/udpReceiveBufferBytes', 'edge.udpReceiveBufferBytes=0'),
  wrong(
    '/edge/listeners/0/advertised/port',
    ...['name=sip', 'transport=tcp', 'port=5060', 'advertised.port=0'].map(listener),
  ),
  wrong(
    '/edge/listeners/0/advertised/host',
    ...['name=sip', 'transport=tcp', 'port=5060', 'advertised.host=sip:sip.example.com'].map(listener),
  ),
  wrong(
    'sip: advertised: host or from, not both',
    ...[
      'name=sip',
      'transport=tcp',
      'port=5060',
      'advertised.host=sip.example.com',
      'advertised.from=podIP',
    ].map(listener),
  ),
  wrong(
    'sip: advertised.from: hostIP is where edges are only',
    ...['name=sip', 'transport=tcp', 'port=5060', 'advertised.from=hostIP'].map(listener),
  ),
  wrong(
    '/edge/listeners/0/proxyProtocol',
    ...['name=sip', 'transport=tcp', 'port=5060', 'proxyProtocol.enabled=true'].map(listener),
  ),
  wrong(
    '/edge/listeners/0/proxyProtocol/trusted/0',
    ...['name=sip', 'transport=tcp', 'port=5060', 'proxyProtocol.trusted[0]=0.0.0.0/0'].map(listener),
  ),
  wrong(
    'sip: proxyProtocol: there is none over UDP',
    ...['name=sip', 'transport=udp', 'port=5060', 'proxyProtocol.trusted[0]=192.0.2.0/28'].map(listener),
  ),
  wrong('sip: port 443 needs a containerPort', ...['name=sip', 'transport=tcp', 'port=443'].map(listener)),
  wrong(
    'tls.existingSecret is of no use with transport tcp',
    ...['name=sip', 'transport=tcp', 'port=5060', 'tls.existingSecret=c'].map(listener),
  ),
  wrong(
    'edge.exposure.ingress.enabled: needs a listener of transport ws',
    'edge.exposure.ingress.enabled=true',
  ),
  wrong('edge.tls.certManager.issuerRef.name: needed', 'edge.tls.certManager.enabled=true'),
  wrong('edge.tls.certManager.dnsNames: needed where domains is empty', 'edge.tls.certManager.enabled=true'),
  wrong(
    'edge.tls.certManager.enabled: cannot be true beside',
    'edge.tls.certManager.enabled=true',
    'edge.tls.existingSecret=sip',
  ),
  wrong(
    'sip-tcp: nodePort 30060 is that of a UDP listener',
    'edge.exposure.service.type=NodePort',
    ...['name=sip-udp', 'transport=udp', 'port=5060', 'nodePort=30060'].map(
      (each) => `edge.listeners[0].${each}`,
    ),
    ...['name=sip-tcp', 'transport=tcp', 'port=5060', 'nodePort=30060'].map(
      (each) => `edge.listeners[1].${each}`,
    ),
  ),
  wrong(
    'healthCheckNodePort: only with type LoadBalancer',
    'edge.exposure.service.healthCheckNodePort=32000',
    'edge.exposure.service.type=NodePort',
  ),
  wrong('healthCheckNodePort: only with mixedProtocol', 'edge.exposure.service.healthCheckNodePort=32000'),
  wrong(
    'monitoring.serviceMonitor.enabled: cannot be true beside',
    'monitoring.serviceMonitor.enabled=true',
    'monitoring.podMonitor.enabled=true',
  ),
  wrong('canary.aor: needed by canary.enabled', 'canary.enabled=true'),
  wrong('canary.existingSecret.name: needed', 'canary.enabled=true', 'canary.aor=sip:c@example.com'),
  wrong(
    "additional properties 'SipEdgeDwon' not allowed",
    'monitoring.rules.alerts.SipEdgeDwon.enabled=false',
  ),
  wrong('/monitoring/rules/runbookUrl', 'monitoring.rules.runbookUrl=runbook.md'),
  wrong('/ipFamilies/0', 'ipFamilies[0]=ipv6'),
  wrong('subscribers: set exactly one', 'subscribers.existingConfigMap.name=subscribers'),
  wrong('subscribers: set exactly one', 'subscribers.url=https://carrier.example/subscribers'),
  wrong('subscribers.passwordSecret.name: only with subscribers.url', 'subscribers.passwordSecret.name=db'),
  wrong('/subscribers/url', 'subscribers.url=postgres://rollcall:secret@db/rollcall'),
  wrong('/subscribers/url', 'subscribers.url=mysql://db/rollcall'),
];
