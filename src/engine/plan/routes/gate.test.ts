import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import type { Owner } from '../snapshot.ts';
import { reachOf } from '../traffic.ts';
import { gate } from './gate.ts';

const labels = { app: 'web', tier: 'front', 'pod-template-hash': '5d' };
const owner: Owner = {
  kind: 'ReplicaSet',
  replicaSet: {
    metadata: { name: 'web-5d' },
    spec: { selector: { matchLabels: { app: 'web', 'pod-template-hash': '5d' } } },
  },
};

function pod(gates: readonly string[] = ['pitstop.dev/in-service']): Pod {
  return {
    metadata: { name: 'web-1', labels },
    spec: { containers: [], readinessGates: gates.map((conditionType) => ({ conditionType })) },
  };
}

function service(name: string, selector: Record<string, string>, publishes = false): Service {
  return { metadata: { name }, spec: { selector, publishNotReadyAddresses: publishes } };
}

function find(services: readonly Service[], from: Pod = pod(), by: Owner | undefined = owner) {
  const snapshot = { pod: from, owner: by, services, slices: [] };
  return gate.find(snapshot, reachOf(snapshot));
}

describe('gate.find', () => {
  it('shuts the gate that the Pod declares, and changes no label', () => {
    expect(find([service('a', { app: 'web' }), service('b', { tier: 'front' })])).toMatchObject({
      labels: {},
      conditions: ['pitstop.dev/in-service'],
      services: [
        { name: 'a', by: 'gate' },
        { name: 'b', by: 'gate' },
      ],
    });
  });

  it('needs the Pod to have declared it', () => {
    expect(find([service('a', { app: 'web' })], pod(['example.com/else']))).toContain(
      'declares no readiness gate',
    );
  });

  it('leaves a Service that publishes unready Pods by a label of its own, in the same patch', () => {
    const services = [service('a', { app: 'web' }), service('b', { tier: 'front' }, true)];
    expect(find(services)).toMatchObject({
      labels: { tier: null },
      conditions: ['pitstop.dev/in-service'],
      services: [
        { name: 'a', by: 'gate' },
        { name: 'b', by: 'label' },
      ],
    });
  });

  it('cannot leave one that publishes them and selects as the owner does', () => {
    expect(find([service('a', { app: 'web' }, true)])).toContain(
      'service/a publishes Pods that are not ready',
    );
  });

  it('does not need to know what an unknown owner selects on', () => {
    const reference = { apiVersion: 'example.com/v1', kind: 'Fleet', name: 'f', uid: 'u' };
    const unknown: Owner = { kind: 'Other', reference };
    expect(find([service('a', { app: 'web' })], pod(), unknown)).toMatchObject({
      conditions: ['pitstop.dev/in-service'],
    });
    expect(find([service('a', { tier: 'front' }, true)], pod(), unknown)).toContain('fleet/f');
  });
});
