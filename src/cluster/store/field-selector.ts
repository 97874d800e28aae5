import type { KubeObject } from '../api.ts';
import { badSelector } from './selector-error.ts';

/** Reads one selectable field of an object, as text; absent fields read as ''. */
export type FieldReader = (object: KubeObject) => string;

interface Term {
  readonly read: FieldReader;
  readonly isEqual: boolean;
  readonly value: string;
}

/**
 * A `fieldSelector` query as a predicate over the fields that the kind offers.
 * Throws ApiError 400 for a field that is not offered, in the API server's words.
 */
export function parseFieldSelector(
  text: string,
  fields: Readonly<Record<string, FieldReader>>,
): (object: KubeObject) => boolean {
  const terms = splitTerms(text).map((term) => parseTerm(term, fields));
  return (object) =>
    terms.every(({ read, isEqual, value }) => (read(object) === value) === isEqual);
}

function splitTerms(text: string): string[] {
  return (text.match(/(?:\\.|[^,\\])+/g) ?? []).filter((term) => term !== '');
}

function parseTerm(term: string, fields: Readonly<Record<string, FieldReader>>): Term {
  const match = /^((?:\\.|[^\\=!])*)(!=|==|=)((?:\\.|[^\\=,])*)$/.exec(term);
  if (!match) throw badSelector(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = match;
  const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (!read) throw unsupportedField(field, Object.keys(fields));
  return { read, isEqual: operator !== '!=', value: unescape(value) };
}

/** Kinds with no fields of their own answer with the list; the others name only the field. */
function unsupportedField(field: string, offered: readonly string[]): Error {
  return offered.every((name) => name.startsWith('metadata.'))
    ? badSelector(
        `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      )
    : badSelector(`field label not supported: ${field}`);
}

function unescape(value: string): string {
  return value.replaceAll(/\\(.)/g, '$1');
}
