import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import type { Api, WatchEvent } from '../api.ts';
import { Store } from '../store/index.ts';
import { bootstrap } from './bootstrap.ts';
import { createLocalApi } from './local-api.ts';

function newApi(): Api {
  const api = createLocalApi({ store: new Store(), now: () => new Date(), validationRules: {} });
  bootstrap(api, { ip: '10.244.0.1', port: 6443 });
  return api;
}

function newPod(api: Api, name: string): Pod {
  return api.create<Pod>('pods', {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  });
}

describe('in-process writes', () => {
  it('leave the object that was given as it was', () => {
    const api = newApi();
    const given: Pod = {
      metadata: { name: 'p', namespace: 'default', labels: { a: 'b' } },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    };
    const created = api.create<Pod>('pods', given);
    expect(Object.isFrozen(created.spec)).toBe(true);
    expect(Object.isFrozen(given.metadata?.labels)).toBe(false);
    expect(given.status).toBeUndefined();
  });

  it('with a stale resourceVersion are refused, without one they overwrite', () => {
    const api = newApi();
    const first = newPod(api, 'p');
    const key = { namespace: 'default', name: 'p' };
    api.patch('pods', key, { metadata: { labels: { x: '1' } } }, { type: 'merge' });
    expect(() => api.update('pods', first)).toThrow('the object has been modified');
    const { resourceVersion: _resourceVersion, ...metadata } = first.metadata ?? {};
    const updated = api.update<Pod>('pods', { ...first, metadata });
    expect(updated.metadata?.labels).toBeUndefined();
  });

  it('of an unchanged object are no event', () => {
    const api = newApi();
    const pod = newPod(api, 'p');
    const events: WatchEvent[] = [];
    using _watch = api.watch('pods', (event) => events.push(event));
    api.update('pods', pod);
    api.update('pods', { ...pod, metadata: { ...pod.metadata, labels: {} } });
    expect(events).toHaveLength(1);
  });

  it('bind a Pod once', () => {
    const api = newApi();
    newPod(api, 'p');
    const binding = {
      metadata: { name: 'p', namespace: 'default' },
      target: { kind: 'Node', name: 'node1' },
    };
    api.create('pods', binding, { subresource: 'binding' });
    const pod = api.get<Pod>('pods', binding.metadata);
    expect(pod?.spec?.nodeName).toBe('node1');
    expect(pod?.status?.conditions?.[0]).toMatchObject({ type: 'PodScheduled', status: 'True' });
    expect(() => api.create('pods', binding, { subresource: 'binding' })).toThrow(
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "node1"',
    );
  });

  it('tell watchers what was before', () => {
    const api = newApi();
    const events: WatchEvent<Pod>[] = [];
    using _watch = api.watch<Pod>('pods', (event) => events.push(event));
    const pod = newPod(api, 'p');
    api.delete('pods', { namespace: 'default', name: 'p' });
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    expect(events[1]?.previous).toBe(pod);
  });
});

describe('Services', () => {
  const create = (api: Api, name: string, spec: Service['spec']): Service =>
    api.create<Service>('services', { metadata: { name, namespace: 'default' }, spec: spec! });

  it('never share an address or a node port', () => {
    const api = newApi();
    const services = Array.from({ length: 200 }, (_, index) =>
      create(api, `s${index}`, { type: 'NodePort', ports: [{ port: 80 }] }),
    );
    expect(new Set(services.map(({ spec }) => spec?.clusterIP)).size).toBe(200);
    expect(new Set(services.map(({ spec }) => spec?.ports?.[0]?.nodePort)).size).toBe(200);
    const { nodePort = 0 } = services[0]?.spec?.ports?.[0] ?? {};
    expect(() =>
      create(api, 'late', { type: 'NodePort', ports: [{ port: 80, nodePort }] }),
    ).toThrow(
      `Service "late" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is already allocated`,
    );
    expect(() =>
      create(api, 'low', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
    ).toThrow('The range of valid ports is 30000-32767');
    expect(() => create(api, 'taken', { clusterIP: '10.96.0.1', ports: [{ port: 80 }] })).toThrow(
      'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    );
  });

  it('keep what they were given when an update leaves it out, and lose it with their type', () => {
    const api = newApi();
    const made = create(api, 's', { type: 'NodePort', ports: [{ port: 80 }] });
    const key = { namespace: 'default', name: 's' };
    const again = api.update<Service>('services', {
      metadata: key,
      spec: { type: 'NodePort', ports: [{ port: 80 }] },
    });
    expect(again.spec?.clusterIP).toBe(made.spec?.clusterIP);
    expect(again.spec?.ports?.[0]?.nodePort).toBe(made.spec?.ports?.[0]?.nodePort);
    const plain = api.patch<Service>(
      'services',
      key,
      { spec: { type: 'ClusterIP' } },
      { type: 'merge' },
    );
    expect(plain.spec?.ports?.[0]?.nodePort).toBeUndefined();
    expect(plain.spec?.clusterIP).toBe(made.spec?.clusterIP);
    const external = api.patch<Service>(
      'services',
      key,
      { spec: { type: 'ExternalName', externalName: 'a.b' } },
      { type: 'merge' },
    );
    expect(external.spec?.clusterIP).toBeUndefined();
  });

  it('have no address when they are headless', () => {
    const { spec } = create(newApi(), 's', { clusterIP: 'None', ports: [{ port: 80 }] });
    expect([spec?.clusterIP, spec?.clusterIPs]).toEqual(['None', ['None']]);
  });
});
