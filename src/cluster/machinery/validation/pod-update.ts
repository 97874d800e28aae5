import type {
  Container,
  EphemeralContainer,
  Pod,
  PodSpec,
  Toleration,
} from 'kubernetes-types/core/v1.js';

import { type FieldError, forbidden, invalidValue, required } from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { goDiff } from './go-diff.ts';

const rule =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A Pod's spec is what its kubelet works from: all but a handful of fields stay. */
export function validatePodUpdate(next: Pod, previous: Pod): FieldError[] {
  const after = next.spec;
  const before = previous.spec;
  if (!after || !before) return [];
  const errors: FieldError[] = [];
  for (const part of ['containers', 'initContainers'] as const) {
    const containers = after[part] ?? [];
    if (containers.length !== (before[part] ?? []).length) {
      const noun = part === 'containers' ? 'containers' : 'init containers';
      return [forbidden(`spec.${part}`, `pod updates may not add or remove ${noun}`)];
    }
    for (const [index, { image }] of containers.entries()) {
      if (!image) errors.push(required(`spec.${part}[${index}].image`));
    }
  }
  errors.push(
    ...validateDeadline(after.activeDeadlineSeconds, before.activeDeadlineSeconds),
    ...validateAddedTolerations(after.tolerations ?? [], before.tolerations ?? []),
    ...validateGates(after, before),
  );
  const allowed = withAllowedChanges(after, before);
  if (!isEqual(allowed, before)) {
    errors.push(forbidden('spec', `${rule}\n${goDiff('V1PodSpec', before, allowed)}`));
  }
  return errors;
}

/** Through `ephemeralcontainers`, containers may only be added. */
export function validateEphemeralContainersUpdate(next: Pod, previous: Pod): FieldError[] {
  const field = 'spec.ephemeralContainers';
  const after = new Map<string, EphemeralContainer>(
    (next.spec?.ephemeralContainers ?? []).map((container) => [container.name, container]),
  );
  return (previous.spec?.ephemeralContainers ?? []).flatMap((container) => {
    const { name } = container;
    const now = after.get(name);
    if (!now) {
      return [
        forbidden(
          field,
          `existing ephemeral containers ${JSON.stringify(name)} may not be removed\n`,
        ),
      ];
    }
    return isEqual(now, container)
      ? []
      : [
          forbidden(
            field,
            `existing ephemeral containers ${JSON.stringify(name)} may not be changed\n${goDiff('V1EphemeralContainer', container, now)}`,
          ),
        ];
  });
}

function withAllowedChanges(after: PodSpec, before: PodSpec): PodSpec {
  const munged: PodSpec = { ...after, containers: sameImages(after.containers, before.containers) };
  if (after.initContainers && before.initContainers) {
    munged.initContainers = sameImages(after.initContainers, before.initContainers);
  }
  copy(munged, before, 'activeDeadlineSeconds');
  copy(munged, before, 'tolerations');
  copy(munged, before, 'schedulingGates');
  if ((before.schedulingGates ?? []).length > 0) {
    copy(munged, before, 'nodeSelector');
    copy(munged, before, 'affinity');
  }
  const graceBefore = before.terminationGracePeriodSeconds ?? 0;
  if (graceBefore < 0 && after.terminationGracePeriodSeconds === 1) {
    munged.terminationGracePeriodSeconds = graceBefore;
  }
  return munged;
}

// `null` when there are none: the field has no omitempty.
function sameImages<T extends readonly Container[] | null>(after: T, before: T): T {
  if (after === null) return after;
  const containers = after.map((container, index) => {
    const image = before?.[index]?.image;
    return { ...container, ...(image !== undefined && { image }) };
  });
  return containers as readonly Container[] as T;
}

function copy(to: PodSpec, from: PodSpec, key: keyof PodSpec): void {
  delete to[key];
  if (from[key] !== undefined) Object.assign(to, { [key]: from[key] });
}

function validateDeadline(after: number | undefined, before: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (before === undefined || after === before) return [];
  if (after === undefined) {
    return [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  }
  return after > before
    ? [invalidValue(field, after, 'must be less than or equal to previous value')]
    : [];
}

function validateAddedTolerations(
  after: readonly Toleration[],
  before: readonly Toleration[],
): FieldError[] {
  const unlimited = (toleration: Toleration) => ({ ...toleration, tolerationSeconds: undefined });
  const isKept = (toleration: Toleration) =>
    after.some((one) => isEqual(unlimited(one), unlimited(toleration)));
  return before.every(isKept)
    ? []
    : [
        forbidden(
          'spec.tolerations',
          'existing toleration can not be modified except its tolerationSeconds',
        ),
      ];
}

function validateGates(after: PodSpec, before: PodSpec): FieldError[] {
  const known = new Set((before.schedulingGates ?? []).map(({ name }) => name));
  return (after.schedulingGates ?? [])
    .filter(({ name }) => !known.has(name))
    .map(({ name }) =>
      forbidden(
        'spec.schedulingGates',
        `only deletion is allowed, but found new scheduling gate '${name}'`,
      ),
    );
}
