import type {
  Container,
  ContainerPort,
  EnvVar,
  EphemeralContainer,
  Lifecycle,
  Probe,
  ResourceRequirements,
  VolumeMount,
} from 'kubernetes-types/core/v1.js';

import { canonicalQuantity, milliValue } from '../codec/quantity.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  notFound,
  notSupported,
  required,
} from '../field-error.ts';
import { labelName, nonNegative, portName, portNumber } from './names.ts';

export interface ContainerContext {
  readonly volumes: ReadonlySet<string>;
  /** Names used so far in the Pod; this container's is added. */
  readonly names: Set<string>;
}

/** One container of a Pod, of whatever sort. */
export function validateContainer(
  container: Container | EphemeralContainer,
  field: string,
  { volumes, names }: ContainerContext,
): FieldError[] {
  const errors: FieldError[] = [];
  const { name, image = '' } = container;
  if (!name) errors.push(required(`${field}.name`));
  else {
    errors.push(...labelName(name).map((wrong) => invalidValue(`${field}.name`, name, wrong)));
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
  }
  if (image === '') errors.push(required(`${field}.image`));
  else if (image !== image.trim()) {
    errors.push(
      invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace'),
    );
  }
  return [
    ...errors,
    ...validateLifecycle(container.lifecycle, `${field}.lifecycle`),
    ...validateProbe(container.livenessProbe, `${field}.livenessProbe`, true),
    ...validateProbe(container.readinessProbe, `${field}.readinessProbe`, false),
    ...validateProbe(container.startupProbe, `${field}.startupProbe`, true),
    ...oneOf(container.terminationMessagePolicy, `${field}.terminationMessagePolicy`, [
      'FallbackToLogsOnError',
      'File',
    ]),
    ...validatePorts(container.ports ?? [], `${field}.ports`),
    ...validateEnv(container.env ?? [], `${field}.env`),
    ...validateMounts(container.volumeMounts ?? [], `${field}.volumeMounts`, volumes),
    ...oneOf(container.imagePullPolicy, `${field}.imagePullPolicy`, [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
    ...validateResources(container.resources, `${field}.resources`),
  ];
}

export function oneOf(
  value: string | undefined,
  field: string,
  supported: readonly string[],
): FieldError[] {
  if (!value) return [required(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

function validatePorts(ports: readonly ContainerPort[], field: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const errors: FieldError[] = [];
    const at = `${field}[${index}]`;
    if (port.name) {
      const wrong = portName(port.name);
      errors.push(...wrong.map((text) => invalidValue(`${at}.name`, port.name, text)));
      if (wrong.length === 0 && names.has(port.name))
        errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`));
    else {
      for (const wrong of portNumber(port.containerPort)) {
        errors.push(invalidValue(`${at}.containerPort`, port.containerPort, wrong));
      }
    }
    for (const wrong of port.hostPort ? portNumber(port.hostPort) : []) {
      errors.push(invalidValue(`${at}.hostPort`, port.hostPort, wrong));
    }
    return [...errors, ...oneOf(port.protocol, `${at}.protocol`, ['SCTP', 'TCP', 'UDP'])];
  });
}

function validateEnv(variables: readonly EnvVar[], field: string): FieldError[] {
  return variables.flatMap(({ name, value, valueFrom }, index) => {
    const errors: FieldError[] = [];
    const at = `${field}[${index}]`;
    if (!name) errors.push(required(`${at}.name`));
    else if (!/^[\x20-\x3c\x3e-\x7e]+$/.test(name)) {
      errors.push(
        invalidValue(
          `${at}.name`,
          name,
          "a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
      );
    }
    if (!valueFrom) return errors;
    const sources = Object.keys(valueFrom);
    const from = `${at}.valueFrom`;
    if (sources.length === 0) {
      errors.push(
        invalidValue(
          from,
          '',
          'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
        ),
      );
    } else if (value) {
      errors.push(invalidValue(from, '', 'may not be specified when `value` is not empty'));
    }
    if (sources.length > 1) {
      errors.push(invalidValue(from, '', 'may not have more than one field specified at a time'));
    }
    for (const source of ['configMapKeyRef', 'secretKeyRef'] as const) {
      const reference = valueFrom[source];
      if (reference && !reference.key) errors.push(required(`${from}.${source}.key`));
    }
    if (valueFrom.fieldRef && !valueFrom.fieldRef.fieldPath) {
      errors.push(required(`${from}.fieldRef.fieldPath`));
    }
    return errors;
  });
}

function validateMounts(
  mounts: readonly VolumeMount[],
  field: string,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap(({ name, mountPath, subPath = '' }, index) => {
    const errors: FieldError[] = [];
    const at = `${field}[${index}]`;
    if (!name) errors.push(required(`${at}.name`));
    else if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    else if (paths.has(mountPath)) {
      errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'));
    }
    paths.add(mountPath);
    if (subPath.startsWith('/')) {
      errors.push(invalidValue(`${at}.subPath`, subPath, 'must be a relative path'));
    }
    if (subPath.split('/').includes('..')) {
      errors.push(invalidValue(`${at}.subPath`, subPath, "must not contain '..'"));
    }
    return errors;
  });
}

function validateResources(
  resources: ResourceRequirements | undefined,
  field: string,
): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {};
  const errors: FieldError[] = [];
  for (const [part, amounts] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, amount] of Object.entries(amounts)) {
      if ((milliValue(amount) ?? 0) < 0) {
        errors.push(invalidValue(`${field}.${part}[${name}]`, amount, nonNegative));
      }
    }
  }
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit !== undefined && (milliValue(request) ?? 0) > (milliValue(limit) ?? 0)) {
      errors.push(
        invalidValue(
          `${field}.requests`,
          canonicalQuantity(request),
          `must be less than or equal to ${name} limit of ${canonicalQuantity(limit)}`,
        ),
      );
    }
  }
  return errors;
}

const handlerTypes = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateProbe(probe: Probe | undefined, field: string, isOnce: boolean): FieldError[] {
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
  if (isOnce && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(invalidValue(`${field}.successThreshold`, probe.successThreshold, 'must be 1'));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(
      invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'),
    );
  }
  return errors;
}

function validateLifecycle(lifecycle: Lifecycle | undefined, field: string): FieldError[] {
  const { postStart, preStop } = lifecycle ?? {};
  return [
    ...(postStart ? validateHandler(postStart, `${field}.postStart`) : []),
    ...(preStop ? validateHandler(preStop, `${field}.preStop`) : []),
  ];
}

function validateHandler(handler: Probe, field: string): FieldError[] {
  const present = handlerTypes.filter((type) => type in handler);
  if (present.length === 0) return [required(field, 'must specify a handler type')];
  const errors = present
    .slice(1)
    .map((type) => forbidden(`${field}.${type}`, 'may not specify more than 1 handler type'));
  const { exec, httpGet, tcpSocket, grpc } = handler;
  if (exec && (exec.command ?? []).length === 0) errors.push(required(`${field}.exec.command`));
  if (httpGet) {
    if (!httpGet.path) errors.push(required(`${field}.httpGet.path`));
    errors.push(
      ...validatePort(httpGet.port, `${field}.httpGet.port`),
      ...oneOf(httpGet.scheme, `${field}.httpGet.scheme`, ['HTTP', 'HTTPS']),
    );
  }
  if (tcpSocket) errors.push(...validatePort(tcpSocket.port, `${field}.tcpSocket.port`));
  if (grpc) errors.push(...validatePort(grpc.port, `${field}.grpc.port`));
  return errors;
}

/** A port given by number or by name. */
export function validatePort(port: number | string, field: string): FieldError[] {
  const wrong = typeof port === 'number' ? portNumber(port) : portName(port);
  return wrong.map((text) => invalidValue(field, port, text));
}
