import type { CronJob, Job, JobSpec } from 'kubernetes-types/batch/v1.js';

import {
  eachInvalid,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { oneOf } from './container.ts';
import { immutable } from './metadata.ts';
import { validateTemplate } from './pod-spec.ts';
import { selects, validateSelector } from './selectors.ts';
import { notNegative } from './workloads.ts';

type Spec = JobSpec & {
  readonly backoffLimitPerIndex?: number;
  readonly maxFailedIndexes?: number;
  readonly podFailurePolicy?: object;
  readonly podReplacementPolicy?: string;
  readonly successPolicy?: object;
  readonly managedBy?: string;
};

export function validateJob({ metadata, spec }: Job): FieldError[] {
  if (!spec) return [];
  const { name = '', uid = '' } = metadata ?? {};
  return [
    ...(spec.manualSelector ? [] : validateGenerated(spec, uid, name)),
    ...(spec.selector
      ? validateSelector(spec.selector, 'spec.selector')
      : [required('spec.selector')]),
    ...(spec.selector && !selects(spec.selector, spec.template.metadata?.labels ?? {})
      ? [
          invalidValue(
            'spec.template.metadata.labels',
            spec.template.metadata?.labels,
            '`selector` does not match template `labels`',
          ),
        ]
      : []),
    ...validateJobSpec(spec, 'spec'),
  ];
}

/** Every Pod of a Job whose selector is made for it carries the Job's uid and name. */
function validateGenerated(spec: Spec, uid: string, name: string): FieldError[] {
  const labels = spec.template.metadata?.labels ?? {};
  const expected = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const errors = Object.entries(expected).flatMap(([key, value]) => {
    const field = `spec.template.metadata.labels[${key}]`;
    if (labels[key] === undefined) return [required(field, `must be '${value}'`)];
    return labels[key] === value ? [] : [invalidValue(field, labels, `must be '${value}'`)];
  });
  const { selector } = spec;
  if (selector && !selects(selector, expected)) {
    errors.push(invalidValue('spec.selector', selector, '`selector` not auto-generated'));
  }
  return errors;
}

const maxIndexedParallelism = 100_000;
const replacementPolicies = ['Failed', 'TerminatingOrFailed'];

function validateJobSpec(spec: Spec, field: string): FieldError[] {
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const;
  const policy = spec.podReplacementPolicy;
  return [
    ...counts.flatMap((key) => notNegative(spec[key], `${field}.${key}`)),
    ...validateCompletionMode(spec, field),
    ...(policy === undefined || replacementPolicies.includes(policy)
      ? []
      : [notSupported(`${field}.podReplacementPolicy`, policy, replacementPolicies)]),
    ...validateTemplate(spec.template, `${field}.template`),
    ...validateRestartPolicy(spec, `${field}.template.spec.restartPolicy`),
  ];
}

function validateCompletionMode(spec: Spec, field: string): FieldError[] {
  const { completionMode = 'NonIndexed', completions, parallelism } = spec;
  const modes = ['NonIndexed', 'Indexed'];
  if (!modes.includes(completionMode)) {
    return [notSupported(`${field}.completionMode`, completionMode, modes)];
  }
  const errors: FieldError[] = [];
  if (completionMode === 'NonIndexed') {
    for (const key of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      const value = spec[key];
      if (value !== undefined) {
        errors.push(invalidValue(`${field}.${key}`, value, 'requires indexed completion mode'));
      }
    }
    return errors;
  }
  if (completions === undefined) {
    errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
  }
  if (parallelism !== undefined && parallelism > maxIndexedParallelism) {
    const why = `must be less than or equal to ${maxIndexedParallelism} when completion mode is Indexed`;
    errors.push(invalidValue(`${field}.parallelism`, parallelism, why));
  }
  if (spec.maxFailedIndexes !== undefined) {
    if (completions !== undefined && spec.maxFailedIndexes > completions) {
      const why = 'must be less than or equal to completions';
      errors.push(invalidValue(`${field}.maxFailedIndexes`, spec.maxFailedIndexes, why));
    }
    if (spec.backoffLimitPerIndex === undefined) {
      const why = 'when maxFailedIndexes is specified';
      errors.push(required(`${field}.backoffLimitPerIndex`, why));
    }
  }
  return errors;
}

function validateRestartPolicy(spec: Spec, field: string): FieldError[] {
  const { restartPolicy = 'Always' } = spec.template.spec ?? {};
  if (restartPolicy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') {
    return [notSupported(field, restartPolicy, ['OnFailure', 'Never'])];
  }
  return spec.podFailurePolicy && restartPolicy !== 'Never'
    ? [
        invalidValue(
          field,
          restartPolicy,
          'only "Never" is supported when podFailurePolicy is specified',
        ),
      ]
    : [];
}

const fixed = [
  'selector',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const;

/** A Job's work is fixed when it is created; how much of it runs at once is not. */
export function validateJobUpdate(next: Job, previous: Job): FieldError[] {
  const before = (previous.spec ?? {}) as Spec;
  const after = (next.spec ?? {}) as Spec;
  const errors = validateCompletionsUpdate(after, before);
  for (const field of fixed) {
    if (!isEqual(after[field] ?? null, before[field] ?? null)) {
      errors.push(immutable(`spec.${field}`, after[field] ?? null));
    }
  }
  const isStarted = previous.status?.startTime !== undefined;
  const unchangeable = before.suspend && !isStarted ? withoutPlacement : withoutNothing;
  if (!isEqual(unchangeable(after.template), unchangeable(before.template))) {
    errors.push(immutable('spec.template', after.template));
  }
  return errors;
}

function validateCompletionsUpdate(after: Spec, before: Spec): FieldError[] {
  const field = 'spec.completions';
  if (after.completions === before.completions) return [];
  if (after.completionMode !== 'Indexed' || after.completions === undefined) {
    return [immutable(field, after.completions ?? null)];
  }
  return after.completions === after.parallelism
    ? []
    : [
        invalidValue(
          field,
          after.completions,
          'can only be modified in tandem with spec.parallelism',
        ),
      ];
}

type Template = JobSpec['template'];

function withoutNothing(template: Template): unknown {
  return template;
}

// KEP-2926: where the Pods go may change until the first of them is there.
function withoutPlacement({ metadata, spec }: Template): unknown {
  const { annotations: _annotations, labels: _labels, ...rest } = metadata ?? {};
  const {
    nodeSelector: _selector,
    tolerations: _tolerations,
    schedulingGates: _gates,
    affinity: _affinity,
    ...others
  } = spec ?? { containers: [] };
  return { metadata: rest, spec: others };
}

const maxCronJobName = 52;
const cronField = /^[\d*/,?A-Za-z-]+$/;

export function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  if (!spec) return [];
  const { schedule, jobTemplate } = spec;
  const { name = '' } = metadata ?? {};
  const errors: FieldError[] = [];
  if (!schedule) errors.push(required('spec.schedule'));
  else errors.push(...eachInvalid('spec.schedule', schedule, scheduleText(schedule)));
  if (name.length > maxCronJobName) {
    const why = `must be no more than ${maxCronJobName} characters`;
    errors.push(invalidValue('metadata.name', name, why));
  }
  return [
    ...errors,
    ...notNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
    ...oneOf(spec.concurrencyPolicy, 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
    ...(jobTemplate.spec ? validateJobSpec(jobTemplate.spec, 'spec.jobTemplate.spec') : []),
    ...notNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...notNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
  ];
}

/** The schedule in the words of the parser upstream uses. */
function scheduleText(schedule: string): string[] {
  if (schedule.startsWith('@')) {
    return /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every .+)$/.test(schedule)
      ? []
      : [`unrecognized descriptor: ${schedule}`];
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) {
    const shown = `[${fields.join(' ')}]`;
    return [`expected exactly 5 fields, found ${fields.length}: ${shown}`];
  }
  const wrong = fields.find((field) => !cronField.test(field));
  return wrong === undefined ? [] : [`failed to parse int from ${wrong}`];
}
