import type { Pod } from 'kubernetes-types/core/v1.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '../runtime/runtime.ts';

export interface OwnFilesOptions {
  readonly pod: Pod;
  /** The Pod's own directory. */
  readonly directory: string;
  readonly podIp: string;
  readonly hostname: string;
  /** Where the cluster's DNS answers. */
  readonly clusterDns: string;
}

const DOMAIN = 'cluster.local';
/** glibc's limits, which the kubelet keeps. */
const [MAX_SERVERS, MAX_SEARCHES] = [3, 32];

/** /etc/hosts, /etc/hostname and /etc/resolv.conf, as the kubelet writes them for a Pod. */
export function ownFiles(options: OwnFilesOptions): Mount[] {
  const files = {
    hosts: hostsOf(options),
    hostname: `${options.hostname}\n`,
    'resolv.conf': resolverOf(options),
  };
  return Object.entries(files).map(([name, content]) => {
    const source = join(options.directory, name);
    writeFileSync(source, content, { mode: 0o644 });
    return { source, target: `/etc/${name}`, readOnly: false };
  });
}

function hostsOf({ pod, podIp, hostname }: OwnFilesOptions): string {
  const { hostNetwork, hostAliases = [], subdomain } = pod.spec ?? {};
  const domain = subdomain && `${hostname}.${subdomain}.${pod.metadata?.namespace}.svc.${DOMAIN}`;
  const own = hostNetwork
    ? `# Kubernetes-managed hosts file (host network).\n${readHost('/etc/hosts')}`
    : [
        '# Kubernetes-managed hosts file.\n',
        '127.0.0.1\tlocalhost\n',
        '::1\tlocalhost ip6-localhost ip6-loopback\n',
        'fe00::0\tip6-localnet\n',
        'fe00::0\tip6-mcastprefix\n',
        'fe00::1\tip6-allnodes\n',
        'fe00::2\tip6-allrouters\n',
        `${podIp}\t${domain ? `${domain}\t` : ''}${hostname}\n`,
      ].join('');
  if (hostAliases.length === 0) return own;
  const aliases = hostAliases.map(
    ({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`,
  );
  return `${own}\n# Entries added by HostAliases.\n${aliases.join('')}`;
}

/** What the Pod's dnsPolicy says, and what its dnsConfig adds. */
function resolverOf({ pod, clusterDns }: OwnFilesOptions): string {
  const { dnsPolicy = 'ClusterFirst', dnsConfig = {}, hostNetwork } = pod.spec ?? {};
  const isCluster =
    dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  const namespace = pod.metadata?.namespace;
  const base = isCluster
    ? {
        servers: [clusterDns],
        searches: [`${namespace}.svc.${DOMAIN}`, `svc.${DOMAIN}`, DOMAIN],
        options: ['ndots:5'],
      }
    : dnsPolicy === 'None'
      ? { servers: [], searches: [], options: [] }
      : hostResolver();
  const servers = [...new Set([...base.servers, ...(dnsConfig.nameservers ?? [])])];
  const searches = [...new Set([...base.searches, ...(dnsConfig.searches ?? [])])];
  const options = new Map(base.options.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name = '', value } of dnsConfig.options ?? [])
    options.set(name, value === undefined ? name : `${name}:${value}`);
  return [
    searches.length > 0 ? `search ${searches.slice(0, MAX_SEARCHES).join(' ')}\n` : '',
    ...servers.slice(0, MAX_SERVERS).map((server) => `nameserver ${server}\n`),
    options.size > 0 ? `options ${[...options.values()].join(' ')}\n` : '',
  ].join('');
}

function hostResolver(): { servers: string[]; searches: string[]; options: string[] } {
  const lines = readHost('/etc/resolv.conf')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const of = (key: string) =>
    lines.filter(([first]) => first === key).flatMap((line) => line.slice(1));
  return { servers: of('nameserver'), searches: of('search'), options: of('options') };
}

function readHost(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
