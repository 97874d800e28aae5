import type { PodSpec } from 'kubernetes-types/core/v1.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownFiles } from './own-files.ts';

function files(spec: Partial<PodSpec>): Record<string, string> {
  const directory = mkdtempSync(join(tmpdir(), 'pitstop-files-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const pod = { metadata: { name: 'web', namespace: 'shop' }, spec: { containers: [], ...spec } };
  const options = {
    pod,
    directory,
    podIp: '10.244.1.7',
    hostname: 'web',
    clusterDns: '10.96.0.10',
  };
  return Object.fromEntries(
    ownFiles(options).map(({ source, target }) => [target, readFileSync(source, 'utf8')]),
  );
}

test('names come from the cluster first', () => {
  expect(files({})['/etc/resolv.conf']).toBe(
    'search shop.svc.cluster.local svc.cluster.local cluster.local\n' +
      'nameserver 10.96.0.10\noptions ndots:5\n',
  );
});

test('dnsPolicy None takes what dnsConfig says and nothing else', () => {
  const dnsConfig = {
    nameservers: ['1.1.1.1'],
    searches: ['example.com'],
    options: [{ name: 'ndots', value: '2' }, { name: 'debug' }],
  };
  expect(files({ dnsPolicy: 'None', dnsConfig })['/etc/resolv.conf']).toBe(
    'search example.com\nnameserver 1.1.1.1\noptions ndots:2 debug\n',
  );
});

test('dnsConfig adds to the policy, and its options come before', () => {
  const dnsConfig = { nameservers: ['1.1.1.1'], options: [{ name: 'ndots', value: '2' }] };
  const text = files({ dnsConfig })['/etc/resolv.conf'];
  expect(text).toContain('nameserver 10.96.0.10\nnameserver 1.1.1.1\n');
  expect(text).toContain('options ndots:2\n');
});

test('hosts knows the Pod by its name, by its domain, and its aliases', () => {
  const hosts = files({
    subdomain: 'front',
    hostAliases: [{ ip: '1.2.3.4', hostnames: ['foo', 'bar'] }],
  })['/etc/hosts'];
  expect(hosts).toMatch(/^# Kubernetes-managed hosts file\.\n127\.0\.0\.1\tlocalhost\n/);
  expect(hosts).toContain('10.244.1.7\tweb.front.shop.svc.cluster.local\tweb\n');
  expect(hosts).toMatch(/\n\n# Entries added by HostAliases\.\n1\.2\.3\.4\tfoo\tbar\n$/);
});

test('a Pod on the host’s network has the host’s names', () => {
  expect(files({ hostNetwork: true })['/etc/hosts']).toMatch(
    /^# Kubernetes-managed hosts file \(host network\)\.\n/,
  );
});
