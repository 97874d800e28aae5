import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';

const server = useApiServer();

const good: Container['securityContext'] = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

function namespace(name: string, level: string): (pod: string, spec: Partial<PodSpec>) => unknown {
  const labels = { 'pod-security.kubernetes.io/enforce': level };
  server().api.create('namespaces', { metadata: { name, labels } });
  return (pod, spec) =>
    server().api.create('pods', {
      metadata: { name: pod, namespace: name },
      spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
    });
}

describe('Pod Security', () => {
  it('baseline refuses what reaches beyond the container', () => {
    const create = namespace('base', 'baseline');
    create('plain', {});
    expect(() =>
      create('shell', {
        hostPID: true,
        containers: [{ name: 'c', image: 'x', securityContext: { privileged: true } }],
      }),
    ).toThrow(
      'pods "shell" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true), privileged (container "c" must not set securityContext.privileged=true)',
    );
    expect(() =>
      create('tracer', {
        containers: [
          { name: 'c', image: 'x', securityContext: { capabilities: { add: ['SYS_PTRACE'] } } },
        ],
      }),
    ).toThrow(
      'non-default capabilities (container "c" must not include "SYS_PTRACE" in securityContext.capabilities.add)',
    );
    expect(() => create('disk', { volumes: [{ name: 'root', hostPath: { path: '/' } }] })).toThrow(
      'hostPath volumes (volume "root")',
    );
  });

  it('restricted asks for what keeps a container small, in the words of upstream', () => {
    const create = namespace('tight', 'restricted');
    expect(() => create('test', {})).toThrow(
      'pods "test" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
    create('good', { containers: [{ name: 'c', image: 'x', securityContext: good }] });
  });
});
