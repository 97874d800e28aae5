import type { PodSpec, PodTemplateSpec, Toleration, Volume } from 'kubernetes-types/core/v1.js';

import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { type ContainerContext, oneOf, validateContainer } from './container.ts';
import { validateAnnotations, validateLabels } from './metadata.ts';
import { labelName, labelValueText, nonNegative, qualifiedName, subdomainName } from './names.ts';

const maxInt32 = 2_147_483_647;

/** A Pod's spec, in a Pod or in a template. */
export function validatePodSpec(spec: PodSpec, field: string): FieldError[] {
  const { containers, volumes = [] } = spec;
  const context: ContainerContext = {
    volumes: new Set(volumes.map(({ name }) => name)),
    names: new Set(),
  };
  const errors = validateVolumes(volumes, `${field}.volumes`);
  if ((containers ?? []).length === 0) errors.push(required(`${field}.containers`));
  for (const part of ['containers', 'initContainers', 'ephemeralContainers'] as const) {
    for (const [index, container] of (spec[part] ?? []).entries()) {
      errors.push(...validateContainer(container, `${field}.${part}[${index}]`, context));
    }
  }
  errors.push(
    ...oneOf(spec.restartPolicy, `${field}.restartPolicy`, ['Always', 'Never', 'OnFailure']),
    ...oneOf(spec.dnsPolicy, `${field}.dnsPolicy`, [
      'ClusterFirst',
      'ClusterFirstWithHostNet',
      'Default',
      'None',
    ]),
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
  );
  const names = [
    ['serviceAccountName', subdomainName],
    ['nodeName', subdomainName],
    ['hostname', labelName],
    ['subdomain', labelName],
    ['priorityClassName', subdomainName],
  ] as const;
  for (const [key, check] of names) {
    const value = spec[key];
    if (!value) continue;
    errors.push(...check(value).map((wrong) => invalidValue(`${field}.${key}`, value, wrong)));
  }
  for (const [index, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    const at = `${field}.readinessGates[${index}].conditionType`;
    errors.push(
      ...qualifiedName(conditionType).map((wrong) => invalidValue(at, conditionType, wrong)),
    );
  }
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec;
  if (deadline !== undefined && (deadline < 1 || deadline > maxInt32)) {
    errors.push(
      invalidValue(
        `${field}.activeDeadlineSeconds`,
        deadline,
        `must be between 1 and ${maxInt32}, inclusive`,
      ),
    );
  }
  if (grace !== undefined && grace < 0) {
    errors.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, nonNegative));
  }
  return [...errors, ...validateTolerations(spec.tolerations ?? [], `${field}.tolerations`)];
}

/** The template of a kind whose Pods always restart. */
export function validateTemplate(template: PodTemplateSpec, field: string): FieldError[] {
  const { metadata, spec } = template;
  return [
    ...validateLabels(metadata?.labels, `${field}.labels`),
    ...validateAnnotations(metadata?.annotations, `${field}.annotations`),
    ...(spec ? validatePodSpec(spec, `${field}.spec`) : []),
    ...((spec?.ephemeralContainers ?? []).length > 0
      ? [
          forbidden(
            `${field}.spec.ephemeralContainers`,
            'ephemeral containers not allowed in pod template',
          ),
        ]
      : []),
  ];
}

/** Deployments and their like restart for ever; a template may not say otherwise. */
export function validateAlwaysRestarting(
  template: PodTemplateSpec,
  field: string,
  kind: string,
): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {};
  const errors: FieldError[] = [];
  if (restartPolicy !== undefined && restartPolicy !== 'Always') {
    errors.push(notSupported(`${field}.spec.restartPolicy`, restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    errors.push(
      forbidden(
        `${field}.spec.activeDeadlineSeconds`,
        `activeDeadlineSeconds in ${kind} is not Supported`,
      ),
    );
  }
  return errors;
}

function validateVolumes(volumes: readonly Volume[], field: string): FieldError[] {
  const names = new Set<string>();
  return volumes.flatMap((volume, index) => {
    const { name, ...sources } = volume;
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    else {
      const wrong = labelName(name);
      errors.push(...wrong.map((text) => invalidValue(`${at}.name`, name, text)));
      if (wrong.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    const [first, ...more] = Object.keys(sources);
    if (first === undefined) errors.push(required(at, 'must specify a volume type'));
    for (const source of more) {
      errors.push(forbidden(`${at}.${source}`, 'may not specify more than 1 volume type'));
    }
    for (const [source, key] of requiredInVolume) {
      const value = volume[source] as Readonly<Record<string, unknown>> | undefined;
      if (value && !value[key]) errors.push(required(`${at}.${source}.${key}`));
    }
    return errors;
  });
}

const requiredInVolume = [
  ['configMap', 'name'],
  ['secret', 'secretName'],
  ['hostPath', 'path'],
  ['persistentVolumeClaim', 'claimName'],
  ['nfs', 'server'],
  ['csi', 'driver'],
] as const;

const effects = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];

function validateTolerations(tolerations: readonly Toleration[], field: string): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const { key, operator = 'Equal', value = '', effect, tolerationSeconds } = toleration;
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (key) errors.push(...qualifiedName(key).map((text) => invalidValue(`${at}.key`, key, text)));
    else if (operator !== 'Exists') {
      errors.push(
        invalidValue(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(
        invalidValue(
          `${at}.effect`,
          effect ?? '',
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    }
    if (operator === 'Equal') {
      errors.push(
        ...labelValueText(value).map((text) => invalidValue(`${at}.operator`, value, text)),
      );
    } else if (operator === 'Exists') {
      if (value !== '') {
        errors.push(
          invalidValue(
            `${at}.operator`,
            toleration,
            "value must be empty when `operator` is 'Exists'",
          ),
        );
      }
    } else errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    if (effect && !effects.includes(effect)) {
      errors.push(notSupported(`${at}.effect`, effect, effects));
    }
    return errors;
  });
}
