import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.js';
import type { LimitRange, Namespace, Node, Secret } from 'kubernetes-types/core/v1.js';

import type { Defaulter } from './apply-defaults.ts';

export const cluster: Readonly<Record<string, Defaulter>> = {
  '/v1 LimitRange': ({ spec }: LimitRange) => {
    for (const limit of spec?.limits ?? []) {
      if (limit.type !== 'Container') continue;
      for (const [name, max] of Object.entries(limit.max ?? {})) {
        limit.default ??= {};
        limit.default[name] ??= max;
      }
      for (const [name, value] of Object.entries(limit.default ?? {})) {
        limit.defaultRequest ??= {};
        limit.defaultRequest[name] ??= limit.min?.[name] ?? value;
      }
      for (const [name, min] of Object.entries(limit.min ?? {})) {
        limit.defaultRequest ??= {};
        limit.defaultRequest[name] ??= min;
      }
    }
  },
  '/v1 Namespace': ({ metadata }: Namespace) => {
    if (!metadata?.name) return;
    metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },
  '/v1 Node': ({ status }: Node) => {
    if (status?.capacity) status.allocatable ??= { ...status.capacity };
  },
  '/v1 Secret': (secret: Secret) => {
    secret.type ??= 'Opaque';
    for (const [key, text] of Object.entries(secret.stringData ?? {})) {
      secret.data ??= {};
      secret.data[key] = Buffer.from(text).toString('base64');
    }
    delete secret.stringData;
  },
  'apiextensions.k8s.io/v1 CustomResourceDefinition': ({ spec }: CustomResourceDefinition) => {
    spec.names.singular ??= spec.names.kind.toLowerCase();
    spec.names.listKind ??= `${spec.names.kind}List`;
    spec.conversion ??= { strategy: 'None' };
  },
};
