import { parseAllDocuments } from 'yaml';

/** As much of a Kubernetes object as the checks look at. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

export type Labels = Readonly<Record<string, string>>;

/** A pod as its template has it. */
export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly priorityClassName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources?: { readonly limits?: { readonly memory?: string } };
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
  }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly ports?: readonly ContainerPort[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
  }[];
}

export interface Probe {
  readonly httpGet?: { readonly path: string };
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
}

export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly protocol: string;
}

/** A pod, or what makes pods. */
export interface Workload {
  readonly object: KubeObject;
  readonly labels: Labels;
  readonly pod: PodSpec;
}

/** The objects in what helm rendered. */
export function readObjects(text: string): KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [mistake] = document.errors;
    if (mistake !== undefined) throw mistake;
    const value = document.toJS() as KubeObject | null;
    return value === null ? [] : [value];
  });
}

/** The pods of these objects, also those of tests. */
export function readWorkloads(objects: readonly KubeObject[]): Workload[] {
  return objects.flatMap((object) => {
    if (object.kind === 'Pod') {
      return [{ object, labels: object.metadata.labels ?? {}, pod: object.spec as unknown as PodSpec }];
    }
    const template = object.spec?.template as { metadata: { labels: Labels }; spec: PodSpec } | undefined;
    return template === undefined ? [] : [{ object, labels: template.metadata.labels, pod: template.spec }];
  });
}

/** Whether a selector's labels are all among an object's. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** "Deployment/rc-rollcall-edge", for messages. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}
