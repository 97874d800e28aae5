import type {
  Container,
  ContainerPort,
  EphemeralContainer,
  Volume,
} from 'kubernetes-types/core/v1.js';

import {
  duplicate,
  eachInvalid,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { validateEnvFrom, validateEnvironment } from './environment.ts';
import { labelName, portName, portNumber } from './names.ts';
import { validateResources } from './resources.ts';
import { validateContainerSecurity } from './security.ts';
import { validateMounts } from './volume-mounts.ts';

/** What holds for a container of any sort; `volumes` are the Pod's. */
export function validateContainer(
  container: Container | EphemeralContainer,
  field: string,
  volumes: ReadonlyMap<string, Volume>,
): FieldError[] {
  const { name, image = '' } = container;
  return [
    ...(name ? eachInvalid(`${field}.name`, name, labelName(name)) : [required(`${field}.name`)]),
    ...(image === '' ? [required(`${field}.image`)] : []),
    ...oneOf(container.terminationMessagePolicy, `${field}.terminationMessagePolicy`, [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...validatePorts(container.ports ?? [], `${field}.ports`),
    ...validateEnvironment(container.env ?? [], `${field}.env`),
    ...validateEnvFrom(container.envFrom ?? [], `${field}.envFrom`),
    ...validateMounts(container, field, volumes),
    ...oneOf(container.imagePullPolicy, `${field}.imagePullPolicy`, [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
    ...validateResources(container.resources, `${field}.resources`),
    ...validateContainerSecurity(container.securityContext, `${field}.securityContext`),
  ];
}

/** Only in Pods: a template may say ` `, and be refused when it comes to Pods. */
export function validateImageSpaces(
  containers: readonly { readonly image?: string }[] | undefined,
  field: string,
): FieldError[] {
  return (containers ?? []).flatMap(({ image = '' }, index) =>
    image === image.trim()
      ? []
      : [
          invalidValue(
            `${field}[${index}].image`,
            image,
            'must not have leading or trailing whitespace',
          ),
        ],
  );
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
    const at = `${field}[${index}]`;
    const { name, containerPort, hostPort } = port;
    const errors: FieldError[] = [];
    if (name) {
      const wrong = portName(name);
      errors.push(...eachInvalid(`${at}.name`, name, wrong));
      if (wrong.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    return [
      ...errors,
      ...(containerPort
        ? eachInvalid(`${at}.containerPort`, containerPort, portNumber(containerPort))
        : [required(`${at}.containerPort`)]),
      ...(hostPort ? eachInvalid(`${at}.hostPort`, hostPort, portNumber(hostPort)) : []),
      ...oneOf(port.protocol, `${at}.protocol`, ['SCTP', 'TCP', 'UDP']),
    ];
  });
}
