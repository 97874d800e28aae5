import type { Container, EphemeralContainer, PodSpec, Volume } from 'kubernetes-types/core/v1.js';

import {
  duplicate,
  type FieldError,
  forbidden,
  notFound,
  notSupported,
  required,
} from '../field-error.ts';
import { validateContainer } from './container.ts';
import { forbidProbesAndHooks, validateProbesAndHooks } from './probe.ts';

/** All containers of a Pod: the regular ones, those before them, and those added later. */
export function validateContainers(spec: PodSpec, field: string): FieldError[] {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  return [
    ...validateRegular(spec, `${field}.containers`, volumes),
    ...validateInit(spec, `${field}.initContainers`, volumes),
    ...validateEphemeral(spec, `${field}.ephemeralContainers`, volumes),
  ];
}

type Volumes = ReadonlyMap<string, Volume>;

function validateRegular(spec: PodSpec, field: string, volumes: Volumes): FieldError[] {
  const { containers, terminationGracePeriodSeconds: grace } = spec;
  if ((containers ?? []).length === 0) return [required(field)];
  const names = new Set<string>();
  return [
    ...containers.flatMap((container, index) => {
      const at = `${field}[${index}]`;
      const { name } = container;
      const isTaken = names.has(name);
      names.add(name);
      return [
        ...validateContainer(container, at, volumes),
        ...(isTaken ? [duplicate(`${at}.name`, name)] : []),
        ...validateProbesAndHooks(container, at, grace),
      ];
    }),
    ...validateHostPorts(containers, field),
  ];
}

type InitContainer = Container & { readonly restartPolicy?: string };

function validateInit(spec: PodSpec, field: string, volumes: Volumes): FieldError[] {
  const names = new Set((spec.containers ?? []).map(({ name }) => name));
  return (spec.initContainers ?? []).flatMap((container: InitContainer, index) => {
    const at = `${field}[${index}]`;
    const { name, restartPolicy } = container;
    const errors = validateContainer(container, at, volumes);
    if (restartPolicy !== undefined && !restartPolicies.includes(restartPolicy)) {
      errors.push(notSupported(`${at}.restartPolicy`, restartPolicy, restartPolicies));
    }
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    // KEP-753: only what restarts goes on running, and can be probed.
    const isSidecar = restartPolicy === 'Always';
    return [
      ...errors,
      ...validateHostPorts([container], field),
      ...(isSidecar
        ? validateProbesAndHooks(container, at, spec.terminationGracePeriodSeconds)
        : forbidProbesAndHooks(container, at)),
    ];
  });
}

const restartPolicies = ['Always', 'OnFailure', 'Never'];

const notForEphemeral = [
  'ports',
  'resources',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'resizePolicy',
  'restartPolicy',
] as const;

function validateEphemeral(spec: PodSpec, field: string, volumes: Volumes): FieldError[] {
  const targets = new Set(
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name),
  );
  const names = new Set(targets);
  return (spec.ephemeralContainers ?? []).flatMap((container, index) => {
    const at = `${field}[${index}]`;
    const { name, targetContainerName: target, volumeMounts = [] } = container;
    const errors = validateContainer(container, at, volumes);
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (target && !targets.has(target)) {
      errors.push(notFound(`${at}.targetContainerName`, target));
    }
    const why = 'cannot be set for an Ephemeral Container';
    for (const key of notForEphemeral) {
      if (isSet(container, key)) errors.push(forbidden(`${at}.${key}`, why));
    }
    for (const [number, mount] of volumeMounts.entries()) {
      for (const key of ['subPath', 'subPathExpr'] as const) {
        if (mount[key]) errors.push(forbidden(`${at}.volumeMounts[${number}].${key}`, why));
      }
    }
    return errors;
  });
}

function isSet(container: EphemeralContainer, key: (typeof notForEphemeral)[number]): boolean {
  const value = (container as unknown as Record<string, unknown>)[key];
  return value !== undefined && Object.keys(Object(value) as object).length > 0;
}

/** No two containers that run at once may have the same port of the node. */
function validateHostPorts(containers: readonly Container[], field: string): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap(({ ports = [] }, number) =>
    ports.flatMap(({ protocol, hostIP = '', hostPort }, index) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) return [duplicate(`${field}[${number}].ports[${index}].hostPort`, key)];
      taken.add(key);
      return [];
    }),
  );
}
