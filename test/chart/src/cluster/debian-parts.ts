import { spawnSync } from 'node:child_process';
import process from 'node:process';

/** What Debian has of a cluster's parts, and in which package. */
const packages = {
  etcd: 'etcd-server',
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  conntrack: 'conntrack',
  busybox: 'busybox-static',
  openssl: 'openssl',
} as const;

/** CNI's plugins, where Debian's containernetworking-plugins has them. */
export const cniPlugins = '/usr/lib/cni';

/** @throws Error with the one command that helps where something is not there */
export function requireDebianParts(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error('a cluster of processes needs Linux, and root: for namespaces, bridges and iptables');
  const missing = Object.entries(packages).filter(([program]) => spawnSync('which', [program]).status !== 0);
  const names = new Set<string>(missing.map(([, name]) => name));
  if (spawnSync('test', ['-x', `${cniPlugins}/bridge`]).status !== 0)
    names.add('containernetworking-plugins');
  if (names.size > 0)
    throw new Error(
      `install what is missing: apt-get install -y --no-install-recommends ${[...names].join(' ')}`,
    );
}
