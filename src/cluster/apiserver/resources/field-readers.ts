import type { KubeObject } from '../../api.ts';
import type { FieldReader } from '../../store/index.ts';

/** Readers for fields at these paths: `spec.nodeName` reads `object.spec.nodeName`. */
export function fieldsAt(...paths: readonly string[]): Record<string, FieldReader> {
  return Object.fromEntries(paths.map((path) => [path, readerAt(path)]));
}

function readerAt(path: string): FieldReader {
  const steps = path.split('.');
  return (object) => {
    let value: unknown = object;
    for (const step of steps) value = (value as Record<string, unknown> | undefined)?.[step];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
  };
}

/** What every kind offers. */
export const METADATA_FIELDS: Readonly<Record<string, FieldReader>> = {
  'metadata.name': (object: KubeObject) => object.metadata?.name ?? '',
  'metadata.namespace': (object: KubeObject) => object.metadata?.namespace ?? '',
};

const hostNetwork = readerAt('spec.hostNetwork');

export const POD_FIELDS: Readonly<Record<string, FieldReader>> = {
  ...fieldsAt(
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ),
  'spec.hostNetwork': (pod) => hostNetwork(pod) || 'false',
};

const unschedulable = readerAt('spec.unschedulable');

export const NODE_FIELDS: Readonly<Record<string, FieldReader>> = {
  'spec.unschedulable': (node) => unschedulable(node) || 'false',
};

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
const sourceComponent = readerAt('source.component');
const reportingComponent = readerAt('reportingComponent');
const source: FieldReader = (event) => sourceComponent(event) || reportingComponent(event);

/** Of core/v1 Events; also of the stored form of events.k8s.io/v1. */
export const EVENT_FIELDS: Readonly<Record<string, FieldReader>> = {
  ...fieldsAt(...INVOLVED.map((field) => `involvedObject.${field}`)),
  ...fieldsAt('reason', 'reportingComponent', 'type'),
  source,
};

export const EVENTS_V1_FIELDS: Readonly<Record<string, FieldReader>> = {
  ...Object.fromEntries(
    INVOLVED.map((field) => [`regarding.${field}`, readerAt(`involvedObject.${field}`)]),
  ),
  ...fieldsAt('reason', 'type'),
  reportingController: source,
};
