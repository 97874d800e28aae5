import { beforeAll, describe, expect, test } from 'vitest';
import { recorded } from '../support/recorded.ts';
import { until } from '../support/until.ts';
import { comparable } from './comparable.ts';
import { exceptionFor, titled } from './exceptions.ts';
import { isReal, useTarget } from './target.ts';

interface Conversation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly status: number;
  readonly warning?: string;
  readonly response: unknown;
}

const target = useTarget();
let uid = '';

beforeAll(async () => {
  const services = '/api/v1/namespaces/default/services';
  const spec = {
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    selector: { app: 'my-api' },
  };
  const { metadata } = await target().created(
    `${services}?fieldManager=kubectl-client-side-apply`,
    {
      metadata: { name: 'my-svc' },
      spec,
    },
  );
  uid = metadata.uid;
  await target().created(services, {
    metadata: { name: 'kubernetes' },
    spec: { ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
  });
  const { items } = recorded<{ items: { metadata: { name: string }; spec: object }[] }>(
    'objects/pods.json',
  );
  const pod = items.find(({ metadata }) => metadata.name.endsWith('bvj2c'))!;
  await target().created('/api/v1/namespaces/default/pods', {
    metadata: { name: pod.metadata.name },
    // Nobody shall run it.
    spec: { ...pod.spec, nodeName: undefined, schedulerName: 'nobody' },
  });
  await target().created('/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'my-api' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'my-api' } },
      template: {
        metadata: { labels: { app: 'my-api' } },
        spec: { containers: [{ name: 'web', image: 'nobody' }], schedulerName: 'nobody' },
      },
    },
  });
  const scale = '/apis/apps/v1/namespaces/default/deployments/my-api/scale';
  await until(
    'the Deployment has two Pods',
    async () => (await target().call(scale)).body?.status?.replicas === 2,
  );
});

describe('the server answers as recorded:', () => {
  for (const { name, ...wanted } of conversations()) {
    const reason = exceptionFor(name, isReal);
    test.skipIf(reason !== undefined).each([titled(name, reason)])('%s', async () => {
      const { status, response, warning, path, ...call } = wanted;
      const answer = await target().call(path, {
        ...call,
        // The recorded update names the uid of the recorded Service.
        ...(call.body && {
          body: call.body.replace('9b2d673e-221b-4bd5-afe8-36f3aa141ceb', uid),
        }),
      });
      const isList = status === 200 && /^list|^partial|^table/.test(name);
      const shape = isList ? shapeOf : comparable;
      expect({ status: answer.status, body: shape(answer.body) }).toEqual({
        status,
        body: shape(response),
      });
      expect(answer.headers['warning']).toBe(warning);
    });
  }
});

/** Of a page of whatever there is: the kinds of things, not the things. */
function shapeOf(body: any): unknown {
  const { items, rows, metadata, ...rest } = comparable(body) as any;
  const things = (items ?? rows) as Record<string, unknown>[];
  return {
    ...rest,
    metadata: Object.keys(metadata as object).toSorted(),
    things: things.map((thing) => Object.keys(thing).toSorted()),
  };
}

function conversations(): Conversation[] {
  const errors =
    recorded<Record<string, Omit<Conversation, 'name' | 'method' | 'path'> & { request: string }>>(
      'errors.json',
    );
  const responses = recorded<
    Record<
      string,
      {
        request: { method: string; path: string; headers?: Record<string, string>; body?: string };
        code: number;
        warning?: string;
        body: unknown;
      }
    >
  >('responses.json');
  return [
    ...Object.entries(errors).map(([name, { request, ...rest }]) => {
      const [method = '', path = ''] = request.split(' ');
      const body = typeof rest.body === 'string' ? rest.body : JSON.stringify(rest.body);
      return { ...rest, name, method, path, ...(body && { body }) };
    }),
    ...Object.entries(responses).map(([name, { request, code, body, warning }]) => ({
      name,
      method: request.method,
      path: request.path,
      ...(request.body && { body: request.body }),
      ...(request.headers?.['content-type'] && { contentType: request.headers['content-type'] }),
      ...(request.headers?.['accept'] && { accept: request.headers['accept'] }),
      status: code,
      ...(warning && { warning }),
      response: body,
    })),
  ];
}
