import { stringify } from 'yaml';
import { allExamples, chartFolder, renderChart } from '../helm.ts';
import { type KubeObject, readObjects, readWorkloads } from '../rendered.ts';
import { formatTable } from '../text-table.ts';
import type { ControlPlane } from './control-plane.ts';
import { installation } from './installation.ts';

const builtInGroup = /^v1$|^(apps|batch|autoscaling|policy)\/|\.k8s\.io\//;

/**
 * Installs each example, upgrades it, rolls it back and removes it. Pods are made, and admitted or not, by the cluster's own
 * controllers; without a node none of them runs.
 */
export function admitExamples(plane: ControlPlane): string[] {
  const problems: string[] = [];
  const rows: string[][] = [];
  const examples = allExamples().map((each) => ({
    ...each,
    objects: readObjects(renderChart(...each.files).out),
  }));
  const foreign = examples.flatMap(({ objects }) => objects.filter(isForeign));
  makeStandIns(plane, foreign);
  const priorities = examples.flatMap(({ objects }) =>
    readWorkloads(objects).flatMap(({ pod }) => pod.priorityClassName ?? []),
  );
  for (const name of new Set(priorities.filter(Boolean)))
    plane.kubectl('create', 'priorityclass', name, '--value=1000');
  examples.forEach(({ name, files, objects }, index) => {
    const onNode = /host(port|network)/i.test(JSON.stringify(objects.map(({ spec }) => spec)));
    const release = installation(plane, `example-${index}`, onNode ? 'privileged' : 'restricted');
    for (const secret of secretsNamed(objects)) release.makeSecret(secret);
    const values = files.flatMap((file) => ['--values', file]);
    const steps: [string, () => string | undefined][] = [
      ['install', () => release.helm('install', 'rc', chartFolder, ...values)],
      ['pods made', () => release.missingPods()],
      ['upgrade', () => release.helm('upgrade', 'rc', chartFolder, ...values, '--set', 'log.level=debug')],
      [
        'guard',
        () => {
          const said = release.helm('upgrade', 'rc', chartFolder, ...values, ...otherSelector);
          return said?.includes('nameOverride: ') === true ? undefined : (said ?? 'it was let through');
        },
      ],
      ['rollback', () => release.helm('rollback', 'rc', '1')],
      ['uninstall', () => release.helm('uninstall', 'rc')],
    ];
    const results = steps.map(([step, run]) => {
      const problem = run();
      if (problem !== undefined) problems.push(`${name}: ${step}: ${problem}`);
      return problem === undefined ? 'good' : 'BAD';
    });
    rows.push([name, onNode ? 'privileged' : 'restricted', String(objects.length), ...results]);
    release.remove();
  });
  const head = [
    'example',
    'pod security',
    'objects',
    'install',
    'pods made',
    'upgrade',
    'guard',
    'rollback',
    'uninstall',
  ];
  console.log(formatTable([head, ...rows]));
  return problems;
}

function isForeign({ apiVersion }: KubeObject): boolean {
  return !builtInGroup.test(apiVersion) || apiVersion.startsWith('gateway.networking.k8s.io/');
}

/** Pods of the same names that would be selected otherwise: what the chart must refuse, before anything is changed. */
const otherSelector = ['--set', 'nameOverride=other,fullnameOverride=rc-rollcall'];

/** Definitions that take anything: that the kinds exist is what the API server then knows of them. */
function makeStandIns(plane: ControlPlane, objects: readonly KubeObject[]): void {
  const kinds = new Map(
    objects.map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }]),
  );
  const byName = new Map<string, { group: string; kind: string; versions: string[] }>();
  for (const { apiVersion, kind } of kinds.values()) {
    const [group = '', version = ''] = apiVersion.split('/');
    const known = byName.get(`${group}/${kind}`);
    if (known === undefined) byName.set(`${group}/${kind}`, { group, kind, versions: [version] });
    else known.versions.push(version);
  }
  for (const { group, kind, versions } of byName.values()) {
    const singular = kind.toLowerCase();
    const plural = `${singular}s`;
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: `${plural}.${group}`,
        annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in' },
      },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind, plural, singular },
        versions: versions.map((name, index) => ({ name, served: true, storage: index === 0, schema })),
      },
    };
    const made = plane.kubectlWith(stringify(definition), 'apply', '-f', '-');
    if (!made.good) throw new Error(`a stand-in for ${kind}: ${made.said}`);
    plane.kubectl('wait', '--for=condition=Established', `crd/${plural}.${group}`, '--timeout=20s');
  }
}

/** Names of the Secrets that pods mount and the release does not bring. */
function secretsNamed(objects: readonly KubeObject[]): Set<string> {
  const own = objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name);
  const text = JSON.stringify(readWorkloads(objects).map(({ pod }) => pod.volumes));
  const mounted = [...text.matchAll(/"secret(?:Name)?":(?:\{"name":)?"([^"]+)"/g)].map(
    ([, name = '']) => name,
  );
  return new Set(mounted.filter((name) => !own.includes(name)));
}
