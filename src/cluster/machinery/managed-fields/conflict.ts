import type { StatusCause } from 'kubernetes-types/meta/v1.js';

import { ApiError } from '../../api-error.ts';
import { type FieldSet, forEachPath } from './field-set.ts';
import type { Manager } from './managers.ts';

/** A field that another manager owns with another value. */
export interface ManagerConflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** The 409 of an apply that would take fields from their managers, one cause a field. */
export function applyConflict(conflicts: readonly ManagerConflict[]): ApiError {
  const causes: StatusCause[] = [];
  const byManager = new Map<string, string[]>();
  for (const { manager, fields } of conflicts) {
    const printed = printedManager(manager);
    const paths = byManager.get(printed) ?? [];
    byManager.set(printed, paths);
    forEachPath(fields, (path) => {
      paths.push(path);
      causes.push({
        reason: 'FieldManagerConflict',
        message: `conflict with ${printed}`,
        field: path,
      });
    });
  }
  const [only] = causes;
  const text =
    causes.length === 1 && only
      ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
      : `Apply failed with ${causes.length} conflicts: ${listed(byManager)}`;
  return new ApiError(409, 'Conflict', text, { causes });
}

function listed(byManager: ReadonlyMap<string, readonly string[]>): string {
  return [...byManager]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([printed, paths]) => [
      `conflicts with ${printed}:`,
      ...paths.map((path) => `- ${path}`),
    ])
    .join('\n');
}

function printedManager({ name, operation, apiVersion, subresource }: Manager): string {
  const quoted = JSON.stringify(name);
  const through =
    subresource === '' ? quoted : `${quoted} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${through} using ${apiVersion}` : through;
}
