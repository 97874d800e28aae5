import type { Lifecycle, Probe } from 'kubernetes-types/core/v1.js';

import {
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { httpHeaderName, nonNegative, portName, portNumber } from './names.ts';

type Handler = NonNullable<Lifecycle['preStop']> & Pick<Probe, 'grpc'>;

interface Probed {
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: Lifecycle;
}

/** Probes and hooks of a container that goes on running; `graceSeconds` is the Pod's. */
export function validateProbesAndHooks(
  container: Probed,
  field: string,
  graceSeconds: number | undefined,
): FieldError[] {
  const { postStart, preStop } = container.lifecycle ?? {};
  return [
    ...validateHandler(postStart, `${field}.lifecycle.postStart`, graceSeconds),
    ...validateHandler(preStop, `${field}.lifecycle.preStop`, graceSeconds),
    ...validateProbe(container.livenessProbe, `${field}.livenessProbe`, 'once'),
    ...validateProbe(container.readinessProbe, `${field}.readinessProbe`, 'readiness'),
    ...validateProbe(container.startupProbe, `${field}.startupProbe`, 'once'),
  ];
}

/** An init container that ends has nothing to probe. */
export function forbidProbesAndHooks(container: Probed, field: string): FieldError[] {
  const parts = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  return parts
    .filter((part) => container[part] !== undefined)
    .map((part) =>
      forbidden(
        `${field}.${part}`,
        'may not be set for init containers without restartPolicy=Always',
      ),
    );
}

function validateProbe(
  probe: Probe | undefined,
  field: string,
  sort: 'once' | 'readiness',
): FieldError[] {
  if (!probe) return [];
  const errors = validateHandler(probe, field);
  for (const key of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    const value = probe[key];
    if (value !== undefined && value < 0) {
      errors.push(invalidValue(`${field}.${key}`, value, nonNegative));
    }
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(
      invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'),
    );
  }
  if (sort === 'readiness' && grace !== undefined) {
    errors.push(
      invalidValue(
        `${field}.terminationGracePeriodSeconds`,
        grace,
        'must not be set for readinessProbes',
      ),
    );
  }
  if (sort === 'once' && probe.successThreshold !== 1) {
    errors.push(
      invalidValue(`${field}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'),
    );
  }
  return errors;
}

const handlerTypes = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateHandler(
  handler: Handler | undefined,
  field: string,
  graceSeconds?: number,
): FieldError[] {
  if (!handler) return [];
  const [first, ...more] = handlerTypes.filter((type) => type in handler);
  if (first === undefined) return [required(field, 'must specify a handler type')];
  return [
    ...validateAction(handler, first, `${field}.${first}`, graceSeconds),
    ...more.map((type) =>
      forbidden(`${field}.${type}`, 'may not specify more than 1 handler type'),
    ),
  ];
}

function validateAction(
  handler: Handler & { readonly sleep?: { readonly seconds?: number } },
  type: (typeof handlerTypes)[number],
  field: string,
  graceSeconds: number | undefined,
): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  switch (type) {
    case 'exec':
      return (exec?.command ?? []).length === 0 ? [required(`${field}.command`)] : [];
    case 'httpGet':
      return httpGet ? validateHttpGet(httpGet, field) : [];
    case 'tcpSocket':
      return validatePort(tcpSocket?.port ?? 0, `${field}.port`);
    case 'grpc':
      return validatePort(grpc?.port ?? 0, `${field}.port`);
    case 'sleep': {
      const seconds = sleep?.seconds ?? 0;
      if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return [];
      const limits = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
      return [invalidValue(field, seconds, limits)];
    }
    default:
      throw new TypeError(`no such handler: ${type satisfies never}`);
  }
}

function validateHttpGet(action: NonNullable<Probe['httpGet']>, field: string): FieldError[] {
  const { path, port, scheme, httpHeaders = [] } = action;
  const schemes = ['HTTP', 'HTTPS'];
  return [
    ...(path ? [] : [required(`${field}.path`)]),
    ...validatePort(port, `${field}.port`),
    ...(schemes.includes(scheme ?? '')
      ? []
      : [notSupported(`${field}.scheme`, scheme ?? '', schemes)]),
    ...httpHeaders.flatMap(({ name }) =>
      eachInvalid(`${field}.httpHeaders`, name, httpHeaderName(name)),
    ),
  ];
}

/** A port given by number or by name. */
export function validatePort(port: number | string, field: string): FieldError[] {
  return eachInvalid(field, port, typeof port === 'number' ? portNumber(port) : portName(port));
}
