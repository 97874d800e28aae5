import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { inboundPorts } from './inbound-ports.ts';
import { probedPorts } from './probed-ports.ts';

function pod(containers: Container[], rest: Partial<Pod> = {}): Pod {
  return { ...rest, spec: { containers } };
}

describe('inboundPorts', () => {
  it('adds the ports at which a mesh takes connections over', () => {
    expect([...inboundPorts(pod([{ name: 'web' }]), [8080])]).toEqual([8080]);
    const injected = pod([{ name: 'web' }, { name: 'istio-proxy' }]);
    expect([...inboundPorts(injected, [8080])]).toEqual([8080, 15006, 15008]);
    const native: Pod = {
      spec: { containers: [{ name: 'web' }], initContainers: [{ name: 'linkerd-proxy' }] },
    };
    expect([...inboundPorts(native, [8080])]).toEqual([8080, 4143]);
    const ambient = pod([{ name: 'web' }], {
      metadata: { annotations: { 'ambient.istio.io/redirection': 'enabled' } },
    });
    expect([...inboundPorts(ambient, [8080])]).toEqual([8080, 15006, 15008]);
  });

  it('is empty without a Service: then nothing has to be read', () => {
    expect(inboundPorts(pod([{ name: 'istio-proxy' }]), []).size).toBe(0);
  });
});

describe('probedPorts', () => {
  it('knows each probed port with its longest timeout and all periods, by number and by name', () => {
    const ports = probedPorts(
      pod([
        {
          name: 'web',
          ports: [{ name: 'http', containerPort: 8080 }],
          livenessProbe: { httpGet: { port: 'http' }, timeoutSeconds: 5 },
          readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 2 },
          startupProbe: { exec: { command: ['true'] } },
        },
        { name: 'proxy', readinessProbe: { grpc: { port: 9090 } } },
        { name: 'other', livenessProbe: { tcpSocket: { port: 'http' } } },
      ]),
    );
    expect(Object.fromEntries(ports)).toEqual({
      8080: { timeoutMs: 5_000, periodsMs: [10_000, 2_000] },
      9090: { timeoutMs: 1_000, periodsMs: [10_000] },
    });
  });
});
