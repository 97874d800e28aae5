import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHistogram, type MetricFamily } from '../../metrics/index.ts';
import { findResource } from '../resources/registry.ts';
import { parseRequestPath } from './request-path.ts';

/** Counts requests as kube-apiserver does, for `/metrics`. */
export interface RequestMetrics {
  /** Follows one request until its answer, or its watch, has ended. */
  follow(request: IncomingMessage, response: ServerResponse, url: URL): void;
  families(): MetricFamily[];
}

type Labels = Readonly<Record<string, string>>;

// kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/metrics: the same names, labels and buckets.
const BUCKETS_SECONDS = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45,
  60,
];

export function createRequestMetrics(): RequestMetrics {
  const total = counter();
  const running = counter();
  const duration = createHistogram(
    {
      name: 'apiserver_request_duration_seconds',
      help: 'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
    },
    BUCKETS_SECONDS,
  );
  return {
    follow(request, response, url) {
      const labels = labelsOf(request, url);
      const { dry_run: dryRun = '', ...about } = labels;
      const start = performance.now();
      const isLong = labels['verb'] === 'WATCH' || labels['verb'] === 'CONNECT';
      if (isLong) running.add(about, 1);
      response.once('close', () => {
        if (isLong) running.add(about, -1);
        total.add({ ...about, dry_run: dryRun, code: `${response.statusCode}` }, 1);
        duration.observe(labels, (performance.now() - start) / 1000);
      });
    },
    families: () => [
      {
        name: 'apiserver_request_total',
        type: 'counter',
        help: 'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
        samples: total.samples(),
      },
      duration.family(),
      {
        name: 'apiserver_longrunning_requests',
        type: 'gauge',
        help: 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
        samples: running.samples(),
      },
    ],
  };
}

function counter() {
  const values = new Map<string, { readonly labels: Labels; value: number }>();
  return {
    add(labels: Labels, amount: number) {
      const key = Object.values(labels).join('\0');
      const known = values.get(key);
      if (known) known.value += amount;
      else values.set(key, { labels, value: amount });
    },
    samples: () => [...values.values()],
  };
}

// A path that names nothing we serve has no labels of its own: clients must not invent series.
function labelsOf(request: IncomingMessage, url: URL): Labels {
  const path = parseRequestPath(url.pathname);
  const resource = path && findResource(path.apiVersion, path.plural);
  const subresource =
    resource?.subresources.find(({ name }) => name === path?.subresource)?.name ?? '';
  const [version = '', group = ''] = (path?.apiVersion ?? '').split('/').toReversed();
  const isNamed = path?.name !== undefined;
  const scope = isNamed ? 'resource' : path?.namespace !== undefined ? 'namespace' : 'cluster';
  return {
    component: 'apiserver',
    dry_run: url.searchParams.has('dryRun') ? 'All' : '',
    group: resource ? group : '',
    resource: resource?.plural ?? '',
    scope: resource ? scope : '',
    subresource,
    verb: verbOf(request, { url, isNamed, subresource }),
    version: resource ? version : '',
  };
}

interface Asked {
  readonly url: URL;
  readonly isNamed: boolean;
  readonly subresource: string;
}

const CONNECTED = new Set(['attach', 'exec', 'portforward', 'proxy', 'log']);

function verbOf(request: IncomingMessage, { url, isNamed, subresource }: Asked): string {
  if (CONNECTED.has(subresource)) return 'CONNECT';
  const { method = '' } = request;
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (['true', '1'].includes(url.searchParams.get('watch') ?? '')) return 'WATCH';
      return isNamed || !parseRequestPath(url.pathname) ? 'GET' : 'LIST';
    case 'PATCH':
      return request.headers['content-type']?.startsWith('application/apply-patch') === true
        ? 'APPLY'
        : 'PATCH';
    case 'DELETE':
      return isNamed ? 'DELETE' : 'DELETECOLLECTION';
    case 'POST':
    case 'PUT':
      return method;
    default:
      return 'other';
  }
}
