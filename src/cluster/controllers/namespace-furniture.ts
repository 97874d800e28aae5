import type { ConfigMap, ServiceAccount } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../api.ts';
import { isNamespaceTerminating } from './api-errors.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { isBeingDeleted, metaOf } from './object-meta.ts';
import type { Controller, ControllerContext } from './runner.ts';

/** Every namespace has a ServiceAccount named `default`: Pods run as it when they name no other. */
export function serviceAccountController(context: ControllerContext): Controller {
  return furnish<ServiceAccount>(context, {
    controller: 'serviceaccount',
    resource: 'serviceaccounts',
    name: 'default',
    build: (metadata) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }),
    isRight: () => true,
  });
}

const ROOT_CA = 'kube-root-ca.crt';

/** Every namespace has the certificate (PEM) by which Pods know the API server. */
export function rootCaController(context: ControllerContext, certificate: string): Controller {
  return furnish<ConfigMap>(context, {
    controller: 'root-ca-certificate-publisher',
    resource: 'configmaps',
    name: ROOT_CA,
    build: (metadata) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        ...metadata,
        annotations: {
          'kubernetes.io/description':
            'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
        },
      },
      data: { 'ca.crt': certificate },
    }),
    isRight: ({ data }) => data?.['ca.crt'] === certificate && Object.keys(data).length === 1,
  });
}

interface Furniture<T> {
  readonly controller: string;
  readonly resource: string;
  readonly name: string;
  readonly build: (metadata: NonNullable<KubeObject['metadata']>) => T;
  readonly isRight: (object: T) => boolean;
}

/** Keeps one object in every namespace, and puts it back when it is deleted or edited. */
function furnish<T extends KubeObject>(
  { api, informers }: ControllerContext,
  { controller, resource, name, build, isRight }: Furniture<T>,
): Controller {
  const namespaces = informers.of('namespaces');
  return {
    name: controller,
    watch(queue) {
      namespaces.onChange(({ type, object }) => {
        if (type !== 'DELETED') queue.add(metaOf(object).name);
      });
      informers.of(resource).onChange(({ object }) => {
        if (metaOf(object).name === name) queue.add(object.metadata?.namespace ?? '');
      });
    },
    reconcile(namespace) {
      const owner = namespaces.get({ name: namespace });
      if (!owner || isBeingDeleted(owner)) return;
      const existing = api.get<T>(resource, { namespace, name });
      if (existing && isRight(existing)) return;
      try {
        const object = build({ ...existing?.metadata, namespace, name });
        if (existing) api.update(resource, object, { fieldManager: FIELD_MANAGER });
        else api.create(resource, object, { fieldManager: FIELD_MANAGER });
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error;
      }
    },
  };
}
