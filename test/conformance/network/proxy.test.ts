import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import type { Answer } from '../support/api.ts';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { run } from '../support/pods.ts';
import { until } from '../support/until.ts';

/** How often each address is asked; upstream's number. */
const attempts = 20;

conformance(
  '[sig-network] Proxy version v1 should proxy through a service and a pod',
  async (c) => {
    const labels = { 'proxy-service-target': 'true' };
    const service = await c.in<Service>('v1', 'services').create({
      metadata: { generateName: 'proxy-service-' },
      spec: {
        selector: labels,
        ports: [
          { name: 'portname1', port: 80, targetPort: 'dest1' },
          { name: 'portname2', port: 81, targetPort: 162 },
          { name: 'tlsportname1', port: 443, targetPort: 'tlsdest1' },
          { name: 'tlsportname2', port: 444, targetPort: 462 },
        ],
      },
    });
    const { name } = service.metadata;
    await c.in<Deployment>('apps/v1', 'deployments').create({
      metadata: { name },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        strategy: { type: 'Recreate' },
        template: { metadata: { labels }, spec: { containers: [porter(name)] } },
      },
    });
    await until(
      'an address behind the Service',
      async () =>
        (await c.in<Endpoints>('v1', 'endpoints').find(name))?.subsets?.[0]?.addresses?.length ===
        1,
      300_000,
    );
    const [pod] = (await c.in<Pod>('v1', 'pods').list()).items;

    const at = (kind: string, ...parts: string[]) =>
      `/api/v1/namespaces/${c.namespace}/${kind}/${parts.join(':')}/proxy`;
    const viaService = (...parts: string[]) => at('services', ...parts);
    const viaPod = (...parts: string[]) => at('pods', ...parts);
    const own = pod!.metadata.name;
    // The proxy rewrites links of a page so that they lead through it again.
    const link = (path: string, target = 'rewriteme') => `<a href="${path}/${target}">test</a>`;
    const expectations: readonly (readonly [string, string])[] = [
      [viaService(name, 'portname1'), 'foo'],
      [viaService('http', name, 'portname1'), 'foo'],
      [viaService(name, 'portname2'), 'bar'],
      [viaService('http', name, 'portname2'), 'bar'],
      [viaService('https', name, 'tlsportname1'), 'tls baz'],
      [viaService('https', name, 'tlsportname2'), 'tls qux'],
      [viaPod(own), link(viaPod(own))],
      [viaPod(own, '1080'), link(viaPod(own, '1080'))],
      [viaPod('http', own, '1080'), link(viaPod('http', own, '1080'))],
      [viaPod(own, '160'), 'foo'],
      [viaPod('http', own, '160'), 'foo'],
      [viaPod(own, '162'), 'bar'],
      [viaPod('http', own, '162'), 'bar'],
      [viaPod('https', own, '443'), link(viaPod('https', own, '443'), 'tlsrewriteme')],
      [viaPod('https', own, '460'), 'tls baz'],
      [viaPod('https', own, '462'), 'tls qux'],
    ];
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await Promise.all(
        expectations.map(async ([path, body]) => {
          expect(await c.api.raw('GET', `${path}/`), path).toMatchObject({ code: 200, body });
        }),
      );
    }
  },
  { timeoutMs: 400_000 },
);

conformance(
  '[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service ProxyWithPath',
  async (c) => {
    for (const target of await createTargets(c)) {
      for (const verb of ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']) {
        await expectEcho(c, verb, `${target}/proxy/some/path/with/${verb}`);
      }
    }
  },
);

conformance(
  '[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service Proxy',
  async (c) => {
    const targets = await createTargets(c);
    for (const target of targets) {
      for (const verb of ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT']) {
        await expectEcho(c, verb, `${target}/proxy`, { method: verb });
      }
    }
    // What a browser would open goes to the path with a slash, against which links resolve.
    for (const target of targets) {
      for (const verb of ['GET', 'HEAD']) {
        const answer = await c.api.raw(verb, `${target}/proxy`, { query: { method: verb } });
        expect(answer.code, `${verb} ${target}`).toBe(301);
      }
    }
  },
);

/** A Pod that says in JSON what it was asked, and a Service before it. */
async function createTargets(c: Conformance): Promise<readonly string[]> {
  const labels = { test: 'response' };
  await run(c, {
    metadata: { name: 'agnhost', labels },
    spec: {
      containers: [
        {
          name: 'agnhost',
          image: images.agnhost,
          command: ['/agnhost', 'porter', '--json-response'],
          env: [{ name: 'SERVE_PORT_80', value: 'foo' }],
        },
      ],
      restartPolicy: 'Never',
    },
  });
  await c.in<Service>('v1', 'services').create({
    metadata: { name: 'test-service', labels },
    spec: { ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }], selector: labels },
  });
  const root = `/api/v1/namespaces/${c.namespace}`;
  return [`${root}/pods/agnhost`, `${root}/services/test-service`];
}

async function expectEcho(
  c: Conformance,
  verb: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<void> {
  let last: Answer | undefined;
  await until(
    `${verb} ${path}`,
    async () => {
      last = await c.api.raw(verb, path, { query });
      expect(last.code, `${verb} ${path}: ${last.body}`).toBe(200);
      return true;
    },
    60_000,
  );
  if (verb !== 'HEAD') {
    expect(JSON.parse(last!.body)).toMatchObject({ Method: verb, Body: 'foo' });
  }
}

function porter(name: string) {
  return {
    name,
    image: images.agnhost,
    command: ['/agnhost', 'porter'],
    env: [
      { name: 'SERVE_PORT_80', value: '<a href="/rewriteme">test</a>' },
      { name: 'SERVE_PORT_1080', value: '<a href="/rewriteme">test</a>' },
      { name: 'SERVE_PORT_160', value: 'foo' },
      { name: 'SERVE_PORT_162', value: 'bar' },
      { name: 'SERVE_TLS_PORT_443', value: '<a href="/tlsrewriteme">test</a>' },
      { name: 'SERVE_TLS_PORT_460', value: 'tls baz' },
      { name: 'SERVE_TLS_PORT_462', value: 'tls qux' },
    ],
    ports: [
      { containerPort: 80 },
      { name: 'dest1', containerPort: 160 },
      { name: 'dest2', containerPort: 162 },
      { name: 'tlsdest1', containerPort: 460 },
      { name: 'tlsdest2', containerPort: 462 },
    ],
    readinessProbe: {
      httpGet: { port: 80 },
      initialDelaySeconds: 1,
      timeoutSeconds: 5,
      periodSeconds: 10,
    },
  };
}
