import { ConfigError, type ConfigProblem, readConfig } from '@rollcall/runtime';
import { serviceVariables } from '@rollcall/standalone';
import { type KubeObject, type Labels, nameOf, selects, type Workload } from './rendered.ts';

const component = 'app.kubernetes.io/component';

/** What is wrong between objects: names there twice, selectors that match nothing, references into the void. */
export function findObjectProblems(objects: readonly KubeObject[], workloads: readonly Workload[]): string[] {
  const problems: string[] = [];
  const names = objects.map(nameOf);
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index)))
    problems.push(`${name} is there twice`);
  for (const object of objects) {
    if (object.kind.startsWith('Cluster'))
      problems.push(`${nameOf(object)}: nothing may be wider than the namespace`);
    const selector = selectorOf(object);
    if (selector === undefined) continue;
    if ('helm.sh/chart' in selector || 'app.kubernetes.io/version' in selector)
      problems.push(`${nameOf(object)}: its selector changes with each version`);
    const selected =
      object.kind === 'ServiceMonitor'
        ? objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.labels ?? {})
        : workloads.map(({ labels }) => labels);
    if (!selected.some((labels) => selects(selector, labels)))
      problems.push(`${nameOf(object)} selects nothing`);
  }
  return [...problems, ...findPortProblems(objects, workloads), ...findReferenceProblems(names, workloads)];
}

function selectorOf({ kind, spec }: KubeObject): Labels | undefined {
  if (kind === 'Service') return spec?.selector as Labels;
  const selector = (spec?.selector ?? spec?.podSelector) as { matchLabels?: Labels } | undefined;
  return selector?.matchLabels;
}

/** A Service's named target port must be a port of each pod that it selects, for the same protocol. */
function findPortProblems(objects: readonly KubeObject[], workloads: readonly Workload[]): string[] {
  return objects
    .filter(({ kind }) => kind === 'Service')
    .flatMap((service) => {
      const ports = service.spec?.ports as { name: string; targetPort: string; protocol?: string }[];
      const pods = workloads.filter(({ labels }) => selects(service.spec?.selector as Labels, labels));
      return pods.flatMap(({ pod }) => {
        const open = pod.containers.flatMap((each) => each.ports ?? []);
        return ports
          .filter(
            ({ targetPort, protocol }) =>
              !open.some(
                ({ name, protocol: own }) => name === targetPort && (own ?? 'TCP') === (protocol ?? 'TCP'),
              ),
          )
          .map(({ name }) => `${nameOf(service)}: port ${name} leads nowhere`);
      });
    });
}

function findReferenceProblems(names: readonly string[], workloads: readonly Workload[]): string[] {
  return workloads.flatMap(({ object, pod }) => {
    const wanted = pod.containers.flatMap(({ envFrom = [] }) =>
      envFrom.flatMap(({ configMapRef }) => (configMapRef ? [`ConfigMap/${configMapRef.name}`] : [])),
    );
    if (pod.serviceAccountName !== undefined) wanted.push(`ServiceAccount/${pod.serviceAccountName}`);
    return wanted
      .filter((name) => !names.includes(name))
      .map((name) => `${nameOf(object)} needs ${name}, which is not there`);
  });
}

/** Stands for the content of a Secret that the cluster has. */
const secretContents: Readonly<Record<string, string>> = {
  LOCATION_STORE: 'redis://redis:6379',
  AUTH_STORE: 'redis://redis:6379',
};

/** What the programs themselves would say of the variables that they get. */
export function findConfigProblems(objects: readonly KubeObject[]): string[] {
  return objects
    .filter(({ kind, data }) => kind === 'ConfigMap' && data?.HTTP_LISTEN !== undefined)
    .flatMap((object) => {
      const name = object.metadata.labels?.[component] ?? '';
      const table = Object.entries(serviceVariables).find(([service]) => service === name)?.[1];
      if (table === undefined) return [`${nameOf(object)} is of no service`];
      const variables: Record<string, string> = {};
      const problems: string[] = [];
      for (const [key, value] of Object.entries(object.data ?? {})) {
        // A variable of its own may end so too: a path that is no secret.
        const own = Object.values(table).some((each) => each.name === key);
        const secret = key.endsWith('_FILE') && !own;
        const variable = secret ? key.slice(0, -'_FILE'.length) : key;
        variables[variable] = secret ? (secretContents[variable] ?? 'sixteen-characters-and-more') : value;
        if (!Object.values(table).some((each) => each.name === variable))
          problems.push(`${nameOf(object)}: ${name} has no variable ${variable}`);
      }
      return [...problems, ...refusals(object, () => readConfig(table, variables))];
    });
}

function refusals(object: KubeObject, read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(
      ({ variable, value, problem }: ConfigProblem) =>
        `${nameOf(object)}: ${variable}=${value ?? ''} ${problem}`,
    );
  }
}
