import { type FieldError, invalidValue } from '../field-error.ts';

/** A path below some directory. */
export function descendingPath(path: string, field: string): FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []),
    ...noBacksteps(path, field),
  ];
}

/** The same, and no name that the kubelet keeps for itself. */
export function unreservedPath(path: string, field: string): FieldError[] {
  const isReserved = path.startsWith('..') && path !== '..' && !path.startsWith('../');
  return [
    ...descendingPath(path, field),
    ...(isReserved ? [invalidValue(field, path, "must not start with '..'")] : []),
  ];
}

export function noBacksteps(path: string, field: string): FieldError[] {
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : [];
}
