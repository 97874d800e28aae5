import type { PodSpec, PodTemplateSpec } from 'kubernetes-types/core/v1.js';

import {
  duplicate,
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { validateIp } from './addresses.ts';
import { validateAffinity } from './affinity.ts';
import { oneOf } from './container.ts';
import { validateContainers } from './containers.ts';
import { validateAnnotations, validateLabels } from './metadata.ts';
import { labelName, nonNegative, qualifiedName, subdomainName } from './names.ts';
import { validateSpread, validateTolerations } from './placement.ts';
import { validateHostUsers, validatePodSecurity } from './security.ts';
import { validateVolumes } from './volumes.ts';

const maxInt32 = 2_147_483_647;

/** A Pod's spec, in a Pod (`isPod`) or in a template. */
export function validatePodSpec(spec: PodSpec, field: string, isPod = false): FieldError[] {
  return [
    ...validateVolumes(spec.volumes ?? [], `${field}.volumes`),
    ...validateContainers(spec, field),
    ...validateHostNetwork(spec, field, isPod),
    ...oneOf(spec.restartPolicy, `${field}.restartPolicy`, ['Always', 'OnFailure', 'Never']),
    ...oneOf(spec.dnsPolicy, `${field}.dnsPolicy`, [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
    ...validatePodSecurity(spec, field),
    ...validateAffinity(spec.affinity, `${field}.affinity`),
    ...validateDns(spec, `${field}.dnsConfig`),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
      eachInvalid(
        `${field}.readinessGates[${index}].conditionType`,
        conditionType,
        qualifiedName(conditionType),
      ),
    ),
    ...validateGates(spec, `${field}.schedulingGates`),
    ...validateSpread(spec.topologySpreadConstraints ?? [], `${field}.topologySpreadConstraints`),
    ...validateHostUsers(spec, field),
    ...validateNames(spec, field),
    ...validateSeconds(spec, field),
    ...validateTolerations(spec.tolerations ?? [], `${field}.tolerations`),
    ...(spec.hostAliases ?? []).flatMap(({ ip, hostnames = [] }, index) => [
      ...validateIp(ip ?? '', `${field}.hostAliases[${index}].ip`),
      ...hostnames.flatMap((name, number) =>
        eachInvalid(
          `${field}.hostAliases[${index}].hostnames[${number}]`,
          name,
          subdomainName(name),
        ),
      ),
    ]),
    ...validatePolicies(spec, field),
  ];
}

/** With the host's network a container's ports are the host's. */
function validateHostNetwork(spec: PodSpec, field: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap(({ ports = [] }, number) =>
    ports.flatMap(({ hostPort = 0, containerPort }, index) =>
      hostPort === containerPort || (!isPod && hostPort === 0)
        ? []
        : [
            invalidValue(
              `${field}.containers[${number}].ports[${index}].hostPort`,
              hostPort,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ],
    ),
  );
}

const maxNameservers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;

function validateDns({ dnsPolicy, dnsConfig }: PodSpec, field: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (nameservers.length === 0) {
      const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return [required(`${field}.nameservers`, why)];
    }
  }
  const errors: FieldError[] = [];
  if (nameservers.length > maxNameservers) {
    const why = `must not have more than ${maxNameservers} nameservers`;
    errors.push(invalidValue(`${field}.nameservers`, nameservers, why));
  }
  errors.push(...nameservers.flatMap((ip, at) => validateIp(ip, `${field}.nameservers[${at}]`)));
  if (searches.length > maxSearches) {
    const why = `must not have more than ${maxSearches} search paths`;
    errors.push(invalidValue(`${field}.searches`, searches, why));
  }
  if (searches.join(' ').length > maxSearchCharacters) {
    const why = `must not have more than ${maxSearchCharacters} characters (including spaces) in the search list`;
    errors.push(invalidValue(`${field}.searches`, searches, why));
  }
  for (const [index, option] of options.entries()) {
    if (!option.name) errors.push(required(`${field}.options[${index}]`, 'must not be empty'));
  }
  return errors;
}

function validateGates(spec: PodSpec, field: string): FieldError[] {
  const names = new Set<string>();
  return (spec.schedulingGates ?? []).flatMap(({ name }, index) => {
    const isTaken = names.has(name);
    names.add(name);
    return [
      ...eachInvalid(`${field}[${index}]`, name, qualifiedName(name)),
      ...(isTaken ? [duplicate(`${field}[${index}]`, name)] : []),
    ];
  });
}

function validateNames(spec: PodSpec, field: string): FieldError[] {
  const names = [
    ['serviceAccountName', subdomainName],
    ['nodeName', subdomainName],
    ['hostname', labelName],
    ['subdomain', labelName],
    ['priorityClassName', subdomainName],
    ['runtimeClassName', subdomainName],
  ] as const;
  return names.flatMap(([key, check]) => {
    const value = spec[key];
    return value ? eachInvalid(`${field}.${key}`, value, check(value)) : [];
  });
}

function validateSeconds(spec: PodSpec, field: string): FieldError[] {
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec;
  const errors: FieldError[] = [];
  if (deadline !== undefined && (deadline < 1 || deadline > maxInt32)) {
    const why = `must be between 1 and ${maxInt32}, inclusive`;
    errors.push(invalidValue(`${field}.activeDeadlineSeconds`, deadline, why));
  }
  if (grace !== undefined && grace < 0) {
    errors.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, nonNegative));
  }
  return errors;
}

function validatePolicies(spec: PodSpec, field: string): FieldError[] {
  const { preemptionPolicy, os } = spec;
  const systems = ['linux', 'windows'];
  return [
    ...(preemptionPolicy === undefined
      ? []
      : oneOf(preemptionPolicy, `${field}.preemptionPolicy`, ['PreemptLowerPriority', 'Never'])),
    ...(os && !os.name ? [required(`${field}.os.name`, 'cannot be empty')] : []),
    ...(os?.name && !systems.includes(os.name)
      ? [notSupported(`${field}.os`, os.name, systems)]
      : []),
  ];
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
