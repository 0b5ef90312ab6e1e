import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '@rollcall/testkit';
import { stringify } from 'yaml';
import { type ControlPlane, podNetwork } from './control-plane.ts';
import type { Daemon } from './daemon.ts';
import { cniPlugins } from './debian-parts.ts';
import { programPath } from './go-programs.ts';

/** The address that the node, and its DNS server, have on the loopback interface. */
const nodeAddress = '10.243.0.53';
const bridge = 'rollcall-pods';
const pauseImage = 'rollcall-check/pause:1';
const nodeName = 'node-1';
const readyWithinMs = 60_000;

const networksFolder = '/var/run/netns';

/** containerd, kubelet, kube-proxy and CoreDNS as processes of this machine: the only node. No network policies: CNI's bridge has none. */
export class ClusterNode {
  readonly #plane: ControlPlane;
  readonly #socket: string;
  readonly #undo: (() => void)[] = [];
  /** Networks of pods that this machine had before. */
  readonly #others = new Set(podNetworks());
  #kubelet: Daemon | undefined;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#socket = join(plane.folder, 'containerd.sock');
  }

  async start(): Promise<void> {
    const [api = 0, health = 0, proxyHealth = 0, proxyMetrics = 0] = await Promise.all(
      Array.from({ length: 4 }, findFreePort),
    );
    this.#openNetwork();
    const containerd = this.#plane.run('containerd', 'containerd', ['-c', this.#configureContainerd()]);
    await containerd.until('answers', readyWithinMs, async () => this.#ctr('version').status === 0);
    this.#makePauseImage();
    this.#kubelet = this.#startKubelet(api, health);
    this.#startProxy(proxyHealth, proxyMetrics);
    this.#startDns();
    const node = () =>
      this.#plane.kubectl('wait', '--for=condition=Ready', `node/${nodeName}`, '--timeout=1s');
    await containerd.until('the node is ready', readyWithinMs, async () => node().good);
  }

  /** Gives the node images that Docker has. */
  importImages(...names: string[]): void {
    const saved = join(this.#plane.folder, 'images.tar');
    must('docker', 'save', '--output', saved, ...names);
    must('ctr', '--address', this.#socket, '--namespace', 'k8s.io', 'images', 'import', saved);
    must('rm', saved);
  }

  /** Ends all pods, and their networks; before the control plane and containerd are stopped. */
  async removePods(): Promise<void> {
    // It would start them again.
    await this.#kubelet?.stop();
    const sandboxes = this.#ctr('tasks', 'ls', '-q').stdout.split('\n').filter(Boolean);
    for (const id of sandboxes) this.#ctr('tasks', 'kill', '--signal', 'SIGKILL', id);
    for (const id of sandboxes) this.#ctr('tasks', 'rm', '--force', id);
    for (const name of podNetworks().filter((each) => !this.#others.has(each)))
      spawnSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
  }

  /** Takes back what the machine's network was given; once the processes are stopped. */
  close(): void {
    spawnSync(programPath('kube-proxy'), ['--cleanup'], { stdio: 'ignore' });
    for (const undo of this.#undo.reverse()) undo();
    // Volumes of pods.
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
    const ours = mounts
      .map((line) => line.split(' ')[1] ?? '')
      .filter((at) => at.startsWith(this.#plane.folder));
    for (const at of ours.reverse()) spawnSync('umount', [at], { stdio: 'ignore' });
  }

  #openNetwork(): void {
    this.#change(
      ['ip', 'address', 'add', `${nodeAddress}/32`, 'dev', 'lo'],
      ['ip', 'address', 'del', `${nodeAddress}/32`, 'dev', 'lo'],
    );
    // Docker has all forwarding refused that nobody asked for.
    for (const direction of ['-i', '-o']) {
      const rule = ['FORWARD', direction, bridge, '-j', 'ACCEPT'];
      this.#change(['iptables', '-I', ...rule], ['iptables', '-D', ...rule]);
    }
    this.#undo.push(() => spawnSync('ip', ['link', 'del', bridge], { stdio: 'ignore' }));
  }

  #change([program = '', ...args]: string[], [undo = '', ...undoArgs]: string[]): void {
    must(program, ...args);
    this.#undo.push(() => spawnSync(undo, undoArgs, { stdio: 'ignore' }));
  }

  #configureContainerd(): string {
    const { folder } = this.#plane;
    const network = join(folder, 'cni');
    mkdirSync(network);
    const plugins = [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podNetwork }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(folder, 'addresses'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ];
    writeFileSync(
      join(network, '10-bridge.conflist'),
      JSON.stringify({ cniVersion: '0.4.0', name: 'pods', plugins }),
    );
    const cri = 'plugins."io.containerd.grpc.v1.cri"';
    const file = join(folder, 'containerd.toml');
    writeFileSync(
      file,
      `version = 2
root = "${join(folder, 'containerd')}"
state = "${join(folder, 'containerd-state')}"
[grpc]
address = "${this.#socket}"
[${cri}]
sandbox_image = "${pauseImage}"
# A container of this machine may not be allowed to say who is killed last.
restrict_oom_score_adj = true
[${cri}.cni]
bin_dir = "${cniPlugins}"
conf_dir = "${network}"
[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
`,
    );
    return file;
  }

  /** What holds a pod's namespaces; the usual one is in a registry. */
  #makePauseImage(): void {
    const folder = join(this.#plane.folder, 'pause');
    mkdirSync(folder);
    copyFileSync(must('which', 'busybox').trim(), join(folder, 'busybox'));
    writeFileSync(
      join(folder, 'Dockerfile'),
      'FROM scratch\nCOPY busybox /busybox\nUSER 65535\nENTRYPOINT ["/busybox", "sleep", "2147483647"]\n',
    );
    must('docker', 'build', '--quiet', '--tag', pauseImage, folder);
    this.importImages(pauseImage);
  }

  #startKubelet(port: number, healthPort: number): Daemon {
    const { folder, certificates } = this.#plane;
    const { key, certificate } = certificates.issue('node', `/O=system:nodes/CN=system:node:${nodeName}`, [
      `IP:${nodeAddress}`,
    ]);
    this.#plane.writeKubeconfig('node', { key, certificate });
    writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
    const config = {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: false },
        x509: { clientCAFile: certificates.pathsOf('ca').certificate },
      },
      authorization: { mode: 'AlwaysAllow' },
      address: nodeAddress,
      port,
      healthzPort: healthPort,
      tlsCertFile: certificate,
      tlsPrivateKeyFile: key,
      cgroupDriver: 'cgroupfs',
      containerRuntimeEndpoint: `unix://${this.#socket}`,
      clusterDNS: [nodeAddress],
      clusterDomain: 'cluster.local',
      failSwapOn: false,
      resolvConf: join(folder, 'resolv.conf'),
      evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%' },
      // Images are not fetched again.
      imageGCHighThresholdPercent: 100,
      enforceNodeAllocatable: [],
    };
    const file = join(folder, 'kubelet.yaml');
    writeFileSync(file, stringify(config));
    return this.#plane.run('kubelet', programPath('kubelet'), [
      ...[
        '--config',
        file,
        '--kubeconfig',
        this.#plane.kubeconfig('node'),
        '--cert-dir',
        certificates.folder,
      ],
      ...['--root-dir', join(folder, 'kubelet'), '--hostname-override', nodeName, '--node-ip', nodeAddress],
    ]);
  }

  #startProxy(healthPort: number, metricsPort: number): void {
    const file = join(this.#plane.folder, 'kube-proxy.yaml');
    const config = {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      clientConnection: { kubeconfig: this.#plane.kubeconfig('admin') },
      clusterCIDR: podNetwork,
      mode: 'iptables',
      hostnameOverride: nodeName,
      healthzBindAddress: `127.0.0.1:${healthPort}`,
      metricsBindAddress: `127.0.0.1:${metricsPort}`,
      conntrack: { maxPerCore: 0 },
    };
    writeFileSync(file, stringify(config));
    this.#plane.run('kube-proxy', programPath('kube-proxy'), ['--config', file]);
  }

  #startDns(): void {
    const file = join(this.#plane.folder, 'Corefile');
    const kubernetes = `kubernetes cluster.local in-addr.arpa {\nkubeconfig ${this.#plane.kubeconfig('admin')} only\nttl 5\n}`;
    writeFileSync(file, `.:53 {\nbind ${nodeAddress}\n${kubernetes}\n}\n`);
    this.#plane.run('coredns', programPath('coredns'), ['-conf', file]);
  }

  #ctr(...args: string[]) {
    return spawnSync('ctr', ['--address', this.#socket, '--namespace', 'k8s.io', ...args], {
      encoding: 'utf8',
    });
  }
}

function must(program: string, ...args: string[]): string {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${done.stderr}`);
  return done.stdout;
}

/** Network namespaces that CNI has made. */
function podNetworks(): string[] {
  return existsSync(networksFolder)
    ? readdirSync(networksFolder).filter((name) => name.startsWith('cni-'))
    : [];
}
