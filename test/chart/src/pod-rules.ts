import type { Container, PodSpec, Workload } from './rendered.ts';
import { nameOf } from './rendered.ts';

/** Volumes that the restricted Pod Security Standard knows. */
const volumeKinds = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/**
 * What keeps pods from a namespace that enforces the restricted Pod Security Standard, and what we ask for besides: a root file
 * system that is read only, and no token of the API server.
 *
 * @param onNode the network or ports of the node may be used: modes that say so need a privileged namespace
 */
export function findPodProblems(workload: Workload, onNode: boolean): string[] {
  const { pod } = workload;
  const problems: string[] = [];
  const security = pod.securityContext ?? {};
  const seccomp = security.seccompProfile as { type?: string } | undefined;
  if (security.runAsNonRoot !== true) problems.push('may run as root');
  if (security.runAsUser === 0) problems.push('runs as root');
  if (seccomp?.type !== 'RuntimeDefault') problems.push('has no seccomp profile');
  if (pod.hostPID || pod.hostIPC || (pod.hostNetwork && !onNode)) problems.push("uses the node's namespaces");
  if (pod.automountServiceAccountToken !== false) problems.push('has a token of the API server');
  for (const volume of pod.volumes ?? []) {
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? '';
    if (!volumeKinds.includes(kind)) problems.push(`has a volume of kind ${kind}`);
  }
  for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
    problems.push(...findContainerProblems(container, pod, onNode));
  }
  return problems.map((problem) => `${nameOf(workload.object)} ${problem}`);
}

function findContainerProblems(container: Container, pod: PodSpec, onNode: boolean): string[] {
  const problems: string[] = [];
  const security = container.securityContext ?? {};
  const capabilities = security.capabilities as { drop?: string[]; add?: string[] } | undefined;
  if (security.allowPrivilegeEscalation !== false) problems.push('may gain privileges');
  if (security.privileged === true) problems.push('is privileged');
  if (security.readOnlyRootFilesystem !== true) problems.push('may write to its root file system');
  if (!capabilities?.drop?.includes('ALL') || capabilities.add !== undefined)
    problems.push('keeps capabilities');
  if (/:latest$|^[^:@]+$/.test(container.image)) problems.push(`has an image that moves: ${container.image}`);
  for (const port of container.ports ?? []) {
    if (port.hostPort !== undefined && !onNode) problems.push(`takes port ${port.hostPort} of the node`);
    if (port.containerPort < 1024) problems.push(`listens on ${port.containerPort}, which needs a privilege`);
  }
  for (const mount of container.volumeMounts ?? []) {
    if (mount.subPath !== undefined)
      problems.push(`mounts ${mount.mountPath} by subPath, which never changes`);
    if (!(pod.volumes ?? []).some(({ name }) => name === mount.name))
      problems.push(`mounts ${mount.name}, which is no volume`);
  }
  return problems.map((problem) => `container ${container.name} ${problem}`);
}
