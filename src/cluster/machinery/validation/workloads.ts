import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { PodTemplateSpec, ReplicationController } from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';

import { type FieldError, forbidden, invalidValue, required } from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { oneOf } from './container.ts';
import { immutable } from './metadata.ts';
import { nonNegative } from './names.ts';
import { validateAlwaysRestarting, validateTemplate } from './pod-spec.ts';
import { isEmptySelector, selects, validateSelector } from './selectors.ts';

export function validateDeployment({ spec }: Deployment): FieldError[] {
  if (!spec) return [];
  const { strategy, minReadySeconds = 0, progressDeadlineSeconds } = spec;
  const errors = [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...validateOwnSelector(spec.selector, 'empty selector is invalid for deployment'),
    ...validateOwnTemplate(spec.template, spec.selector, 'ReplicaSet'),
    ...validateDeploymentStrategy(strategy),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
  if (progressDeadlineSeconds !== undefined) {
    errors.push(...notNegative(progressDeadlineSeconds, 'spec.progressDeadlineSeconds'));
    if (progressDeadlineSeconds <= minReadySeconds) {
      errors.push(
        invalidValue(
          'spec.progressDeadlineSeconds',
          progressDeadlineSeconds,
          'must be greater than minReadySeconds',
        ),
      );
    }
  }
  return errors;
}

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  if (!spec) return [];
  return [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateOwnSelector(spec.selector, 'empty selector is invalid for deployment'),
    ...(spec.template
      ? validateOwnTemplate(spec.template, spec.selector, 'ReplicaSet')
      : [required('spec.template')]),
  ];
}

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  if (!spec) return [];
  return [
    ...oneOf(spec.podManagementPolicy, 'spec.podManagementPolicy', ['OrderedReady', 'Parallel']),
    ...oneOf(spec.updateStrategy?.type, 'spec.updateStrategy.type', ['RollingUpdate', 'OnDelete']),
    ...notNegative(
      spec.updateStrategy?.rollingUpdate?.partition,
      'spec.updateStrategy.rollingUpdate.partition',
    ),
    ...validateRetention(spec),
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateOwnSelector(spec.selector, 'empty selector is invalid for statefulset'),
    ...validateOwnTemplate(withClaims(spec), spec.selector, 'StatefulSet'),
  ];
}

function validateRetention(
  spec: NonNullable<StatefulSet['spec']> & {
    readonly ordinals?: { readonly start?: number };
    readonly persistentVolumeClaimRetentionPolicy?: {
      readonly whenDeleted?: string;
      readonly whenScaled?: string;
    };
  },
): FieldError[] {
  const field = 'spec.persistentVolumeClaimRetentionPolicy';
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  const policies = ['Retain', 'Delete'];
  return [
    ...notNegative(spec.ordinals?.start, 'spec.ordinals.start'),
    ...(whenDeleted === undefined ? [] : oneOf(whenDeleted, `${field}.whenDeleted`, policies)),
    ...(whenScaled === undefined ? [] : oneOf(whenScaled, `${field}.whenScaled`, policies)),
  ];
}

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  if (!spec) return [];
  return [
    ...validateOwnSelector(spec.selector, 'empty selector is invalid for daemonset'),
    ...validateOwnTemplate(spec.template, spec.selector, 'DaemonSet'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...oneOf(spec.updateStrategy?.type, 'spec.updateStrategy.type', ['RollingUpdate', 'OnDelete']),
    ...validateDaemonUpdate(spec.updateStrategy?.rollingUpdate),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
}

function validateDaemonUpdate(
  rollingUpdate:
    | { readonly maxUnavailable?: number | string; readonly maxSurge?: number | string }
    | undefined,
): FieldError[] {
  if (!rollingUpdate) return [];
  const field = 'spec.updateStrategy.rollingUpdate';
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [
    ...validateAmount(maxUnavailable, `${field}.maxUnavailable`),
    ...validateAmount(maxSurge, `${field}.maxSurge`),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  } else if (!isZero(maxUnavailable) && !isZero(maxSurge) && maxSurge !== undefined) {
    const why = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalidValue(`${field}.maxSurge`, maxSurge, why));
  }
  return errors;
}

export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  if (!spec) return [];
  const errors = notNegative(spec.replicas, 'spec.replicas');
  const { selector = {}, template } = spec;
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'));
  if (!template) return [...errors, required('spec.template')];
  return [
    ...errors,
    ...validateOwnTemplate(template, { matchLabels: selector }, 'ReplicationController'),
  ];
}

/** The selector of a workload names its Pods for good. */
export function validateSelectorUpdate(
  next: { readonly spec?: { readonly selector?: unknown } },
  previous: { readonly spec?: { readonly selector?: unknown } },
): FieldError[] {
  const selector = next.spec?.selector;
  return isEqual(selector, previous.spec?.selector) ? [] : [immutable('spec.selector', selector)];
}

const changeableInStatefulSet = new Set([
  'minReadySeconds',
  'ordinals',
  'persistentVolumeClaimRetentionPolicy',
  'replicas',
  'revisionHistoryLimit',
  'template',
  'updateStrategy',
]);

/** The template as members are made from it: each claim is a volume of that name. */
function withClaims({
  template,
  volumeClaimTemplates = [],
}: NonNullable<StatefulSet['spec']>): PodTemplateSpec {
  const { spec } = template;
  if (!spec || volumeClaimTemplates.length === 0) return template;
  const claims = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata?.name ?? '',
    persistentVolumeClaim: { claimName: metadata?.name ?? '' },
  }));
  const names = new Set(claims.map(({ name }) => name));
  const others = (spec.volumes ?? []).filter(({ name }) => !names.has(name));
  return { ...template, spec: { ...spec, volumes: [...others, ...claims] } };
}

export function validateStatefulSetUpdate(next: StatefulSet, previous: StatefulSet): FieldError[] {
  const before: Readonly<Record<string, unknown>> = { ...previous.spec };
  const after: Readonly<Record<string, unknown>> = { ...next.spec };
  const changed = Object.keys({ ...before, ...after }).filter(
    (key) => !changeableInStatefulSet.has(key) && !isEqual(before[key], after[key]),
  );
  if (changed.length === 0) return [];
  return [
    forbidden(
      'spec',
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ];
}

function validateOwnSelector(selector: LabelSelector | undefined, whenEmpty: string): FieldError[] {
  if (!selector) return [required('spec.selector')];
  const errors = validateSelector(selector, 'spec.selector');
  if (isEmptySelector(selector)) errors.push(invalidValue('spec.selector', selector, whenEmpty));
  return errors;
}

function validateOwnTemplate(
  template: PodTemplateSpec,
  selector: LabelSelector | undefined,
  kind: string,
): FieldError[] {
  const labels = template.metadata?.labels;
  const errors: FieldError[] = [];
  if (selector && !isEmptySelector(selector) && !selects(selector, labels ?? {})) {
    errors.push(
      invalidValue(
        'spec.template.metadata.labels',
        labels,
        '`selector` does not match template `labels`',
      ),
    );
  }
  return [
    ...errors,
    ...validateTemplate(template, 'spec.template'),
    ...validateAlwaysRestarting(template, 'spec.template', kind),
  ];
}

function validateDeploymentStrategy(
  strategy: NonNullable<Deployment['spec']>['strategy'],
): FieldError[] {
  const field = 'spec.strategy';
  const { type, rollingUpdate } = strategy ?? {};
  const errors = oneOf(type, `${field}.type`, ['Recreate', 'RollingUpdate']);
  if (type === 'Recreate') {
    if (rollingUpdate) {
      errors.push(
        forbidden(
          `${field}.rollingUpdate`,
          "may not be specified when strategy `type` is 'Recreate'",
        ),
      );
    }
    return errors;
  }
  if (type !== 'RollingUpdate' || !rollingUpdate) return errors;
  const { maxUnavailable, maxSurge } = rollingUpdate;
  errors.push(
    ...validateAmount(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
    ...validateAmount(maxSurge, `${field}.rollingUpdate.maxSurge`),
  );
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(
      invalidValue(
        `${field}.rollingUpdate.maxUnavailable`,
        maxUnavailable,
        'may not be 0 when `maxSurge` is 0',
      ),
    );
  }
  const percent = /^(\d+)%$/.exec(String(maxUnavailable))?.[1];
  if (percent !== undefined && Number(percent) > 100) {
    errors.push(
      invalidValue(
        `${field}.rollingUpdate.maxUnavailable`,
        maxUnavailable,
        'must not be greater than 100%',
      ),
    );
  }
  return errors;
}

/** A count or a percentage. */
export function validateAmount(value: number | string | undefined, field: string): FieldError[] {
  if (typeof value === 'number') return notNegative(value, field);
  if (value === undefined || /^\d+%$/.test(value)) return [];
  return [
    invalidValue(
      field,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  ];
}

function isZero(value: number | string | undefined): boolean {
  return value === 0 || value === '0%';
}

export function notNegative(value: number | undefined, field: string): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(field, value, nonNegative)] : [];
}
