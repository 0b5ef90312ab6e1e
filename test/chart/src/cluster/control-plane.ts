import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '@rollcall/testkit';
import { findKubectl } from '../helm.ts';
import { Certificates } from './certificates.ts';
import { Daemon } from './daemon.ts';
import { programPath } from './go-programs.ts';

/** Addresses that only this cluster has; pods' ones are those of its only node. */
export const podNetwork = '10.244.0.0/24';
const serviceNetwork = '10.96.0.0/16';
const upWithinMs = 120_000;

/** etcd, kube-apiserver, kube-controller-manager and kube-scheduler as processes of this machine. */
export class ControlPlane {
  readonly folder: string;
  readonly certificates: Certificates;
  readonly #daemons: Daemon[] = [];
  #apiPort = 0;

  constructor(folder: string) {
    this.folder = folder;
    const keys = join(folder, 'pki');
    mkdirSync(keys);
    this.certificates = new Certificates(keys);
  }

  async start(): Promise<void> {
    const [etcd = 0, peer = 0, api = 0] = await Promise.all([findFreePort(), findFreePort(), findFreePort()]);
    this.#apiPort = api;
    const etcdUrl = `http://127.0.0.1:${etcd}`;
    const peerUrl = `http://127.0.0.1:${peer}`;
    this.run('etcd', 'etcd', [
      ...['--data-dir', join(this.folder, 'etcd'), '--initial-cluster', `default=${peerUrl}`],
      ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    ]);
    const server = this.certificates.issue('apiserver', '/CN=kube-apiserver', [
      'IP:127.0.0.1',
      'DNS:kubernetes',
    ]);
    const admin = this.certificates.issue('admin', '/O=system:masters/CN=admin');
    const accounts = this.certificates.key('service-accounts');
    const ca = this.certificates.pathsOf('ca').certificate;
    const apiserver = this.run('kube-apiserver', programPath('kube-apiserver'), [
      ...['--etcd-servers', etcdUrl, '--bind-address', '127.0.0.1', '--secure-port', String(api)],
      // Nobody in a pod asks the API; this address only names the server.
      ...['--advertise-address', '10.123.0.1', '--service-cluster-ip-range', serviceNetwork],
      ...[
        '--client-ca-file',
        ca,
        '--tls-cert-file',
        server.certificate,
        '--tls-private-key-file',
        server.key,
      ],
      ...['--service-account-key-file', accounts, '--service-account-signing-key-file', accounts],
      ...['--service-account-issuer', 'https://kubernetes.default.svc', '--authorization-mode', 'Node,RBAC'],
      ...['--kubelet-client-certificate', admin.certificate, '--kubelet-client-key', admin.key],
      ...['--kubelet-preferred-address-types', 'InternalIP', '--enable-admission-plugins', 'NodeRestriction'],
    ]);
    this.writeKubeconfig('admin', admin);
    await apiserver.until(
      'ready',
      upWithinMs,
      async () => this.kubectl('get', '--raw', '/readyz').out === 'ok',
    );
    const alone = ['--kubeconfig', this.kubeconfig('admin'), '--leader-elect=false', '--secure-port', '0'];
    this.run('kube-controller-manager', programPath('kube-controller-manager'), [
      ...[...alone, '--service-account-private-key-file', accounts, '--root-ca-file', ca],
      ...['--service-cluster-ip-range', serviceNetwork],
    ]);
    this.run('kube-scheduler', programPath('kube-scheduler'), alone);
  }

  /** Starts a program that is ended with the rest. */
  run(name: string, program: string, args: readonly string[]): Daemon {
    const daemon = new Daemon(name, program, args, join(this.folder, `${name}.log`));
    this.#daemons.push(daemon);
    return daemon;
  }

  kubeconfig(user: string): string {
    return join(this.folder, `kubeconfig-${user}`);
  }

  writeKubeconfig(user: string, { key, certificate }: { key: string; certificate: string }): void {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'only',
      contexts: [{ name: 'only', context: { cluster: 'only', user } }],
      clusters: [
        {
          name: 'only',
          cluster: {
            server: `https://127.0.0.1:${this.#apiPort}`,
            'certificate-authority': this.certificates.pathsOf('ca').certificate,
          },
        },
      ],
      users: [{ name: user, user: { 'client-certificate': certificate, 'client-key': key } }],
    };
    writeFileSync(this.kubeconfig(user), JSON.stringify(config));
  }

  /** Runs kubectl as the cluster's administrator; `input` goes to its standard input. */
  kubectl(...args: string[]): { good: boolean; out: string; said: string } {
    return this.kubectlWith('', ...args);
  }

  kubectlWith(input: string, ...args: string[]): { good: boolean; out: string; said: string } {
    const all = ['--kubeconfig', this.kubeconfig('admin'), ...args];
    const done = spawnSync(findKubectl(), all, { input, encoding: 'utf8', maxBuffer: 1 << 26 });
    return { good: done.status === 0, out: done.stdout?.trim() ?? '', said: done.stderr ?? '' };
  }

  /** The last first. */
  async stop(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) await daemon.stop();
  }
}
