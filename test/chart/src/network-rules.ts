import { type KubeObject, type Labels, selects, type Workload } from './rendered.ts';

interface Peer {
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly namespaceSelector?: unknown;
  readonly ipBlock?: { readonly cidr: string };
}
interface Rule {
  readonly ports?: readonly { readonly port: number; readonly protocol: string }[];
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
}

/** The table of the chart's README, as "from > to: protocol/port"; "world" is whoever is no pod of ours. */
export const documentedFlows: readonly string[] = [
  'world > edge: TCP/5060',
  'world > edge: UDP/5060',
  'test > edge: TCP/5060',
  'test > edge: UDP/5060',
  'edge > edge: TCP/5060',
  'edge > edge: UDP/5060',
  'edge > registrar: TCP/50051',
  'edge > redirect: TCP/50054',
  'registrar > auth: TCP/50052',
  'registrar > location: TCP/50053',
  'redirect > auth: TCP/50052',
  'redirect > location: TCP/50053',
  'test > location: TCP/50053',
  'test > registrar: TCP/50051',
  'test > auth: TCP/50052',
  'test > redirect: TCP/50054',
  'canary > edge: TCP/5060',
  'canary > edge: UDP/5060',
  'canary > location: TCP/50053',
  'auth > dev-redis: TCP/6379',
  'location > dev-redis: TCP/6379',
];

/** Which flows the policies let through: what may leave the one and enter the other. */
export function findAllowedFlows(objects: readonly KubeObject[], workloads: readonly Workload[]): string[] {
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const allowed: string[] = [];
  for (const to of workloads) {
    const sockets = to.pod.containers
      .flatMap(({ ports = [] }) => ports)
      .map(({ containerPort, protocol }) => ({ port: containerPort, protocol: protocol ?? 'TCP' }));
    for (const from of [undefined, ...workloads]) {
      // One edge asks another; of the others no pod asks its like.
      if (from === to && partOf(to.labels) !== 'edge') continue;
      for (const socket of sockets) {
        const leaves = from === undefined || passes(policies, from, 'egress', to.labels, socket);
        if (leaves && passes(policies, to, 'ingress', from?.labels, socket))
          allowed.push(
            `${from === undefined ? 'world' : partOf(from.labels)} > ${partOf(to.labels)}: ${socket.protocol}/${socket.port}`,
          );
      }
    }
  }
  return allowed;
}

function passes(
  policies: readonly KubeObject[],
  workload: Workload,
  direction: 'ingress' | 'egress',
  peer: Labels | undefined,
  socket: { readonly port: number; readonly protocol: string },
): boolean {
  const mine = policies.filter(({ spec }) =>
    selects((spec?.podSelector as { matchLabels?: Labels })?.matchLabels ?? {}, workload.labels),
  );
  // A pod that no policy is about is open.
  if (mine.length === 0) return true;
  return mine.some(({ spec }) =>
    ((spec?.[direction] ?? []) as Rule[]).some((rule) => {
      const peers = direction === 'ingress' ? rule.from : rule.to;
      const port = rule.ports?.some((each) => each.port === socket.port && each.protocol === socket.protocol);
      return (port ?? true) && (peers === undefined || peers.some((each) => isPeer(each, peer)));
    }),
  );
}

/** Our own pods match by their labels, in our namespace; other namespaces and networks are the world's. */
function isPeer(peer: Peer, labels: Labels | undefined): boolean {
  if (peer.podSelector?.matchLabels === undefined || peer.namespaceSelector !== undefined) return false;
  return labels !== undefined && selects(peer.podSelector.matchLabels, labels);
}

function partOf(labels: Labels): string {
  return labels['app.kubernetes.io/component'] ?? '';
}
