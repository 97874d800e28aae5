import type { Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';

const server = useApiServer();
const create = (name: string, spec: object): Service =>
  server().api.create<Service>('services', {
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...spec },
  });

describe('a Service', () => {
  it('gets a health check port only where a load balancer has to ask', () => {
    const local = create('local', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
    expect(local.spec?.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
    expect(create('all', { type: 'LoadBalancer' }).spec?.healthCheckNodePort).toBeUndefined();
    const changed = server().api.patch<Service>(
      'services',
      { namespace: 'default', name: 'local' },
      { spec: { externalTrafficPolicy: 'Cluster' } },
      { type: 'merge' },
    );
    expect(changed.spec?.healthCheckNodePort).toBeUndefined();
  });

  it('has addresses of one family', () => {
    expect(create('prefers', { ipFamilyPolicy: 'PreferDualStack' }).spec).toMatchObject({
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'PreferDualStack',
    });
    expect(() => create('requires', { ipFamilyPolicy: 'RequireDualStack' })).toThrow(
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    );
    expect(() => create('six', { ipFamilies: ['IPv6'] })).toThrow(
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    );
  });
});
