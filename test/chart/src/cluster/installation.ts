import { stringify } from 'yaml';
import { helm } from '../helm.ts';
import type { ControlPlane } from './control-plane.ts';

/** One namespace with a release in it. All return what is wrong, or nothing. */
export interface Installation {
  makeSecret(name: string, content?: Readonly<Record<string, string>>): void;
  helm(...args: string[]): string | undefined;
  /** Waits until the controllers have made every pod that is wanted. */
  missingPods(): string | undefined;
  remove(): void;
}

const podsWithinMs = 30_000;

/** Makes a namespace that enforces a Pod Security Standard. */
export function installation(
  plane: ControlPlane,
  namespace: string,
  standard: 'restricted' | 'privileged',
): Installation {
  const apply = (object: object) => {
    const made = plane.kubectlWith(stringify(object), 'create', '-f', '-');
    if (!made.good) throw new Error(`${JSON.stringify(object).slice(0, 80)}: ${made.said}`);
  };
  apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': standard } },
  });
  return {
    makeSecret: (name, content = { placeholder: 'text' }) =>
      apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: content }),
    helm: (...args) => {
      const { good, said } = helm(...args, '--namespace', namespace);
      return good ? undefined : said.trim();
    },
    missingPods: () => {
      const endAtMs = performance.now() + podsWithinMs;
      for (;;) {
        const missing = findMissing(plane, namespace);
        if (missing === undefined || performance.now() > endAtMs) return missing;
      }
    },
    remove: () => {
      plane.kubectl('delete', 'namespace', namespace, '--wait=false');
    },
  };
}

interface Listed {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec: { readonly replicas?: number };
    readonly status: {
      readonly replicas?: number;
      readonly conditions?: readonly { type: string; status: string; message: string }[];
    };
  }[];
}

/** DaemonSets make no pod where there is no node. */
function findMissing(plane: ControlPlane, namespace: string): string | undefined {
  const { out } = plane.kubectl('--namespace', namespace, 'get', 'replicasets', '-o', 'json');
  const deployments = plane.kubectl('--namespace', namespace, 'get', 'deployments', '-o', 'json');
  const sets = (JSON.parse(out || '{"items":[]}') as Listed).items;
  const wanted = (JSON.parse(deployments.out || '{"items":[]}') as Listed).items;
  if (sets.length < wanted.length) return `${sets.length} of ${wanted.length} ReplicaSets are there`;
  for (const { metadata, spec, status } of sets) {
    const failure = status.conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (failure !== undefined) return `${metadata.name}: ${failure.message}`;
    if ((status.replicas ?? 0) < (spec.replicas ?? 1)) return `${metadata.name}: its pods are not made`;
  }
  return undefined;
}
