import { ApiError } from '../../api-error.ts';
import { apiVersionOf, type GroupVersionKind, parseApiVersion } from '../group-version-kind.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { conform, TypeMismatch } from '../schema/conform.ts';
import { typeOf } from '../schema/types.ts';
import { decodeProtobuf } from './protobuf.ts';
import { JsonSyntaxError, parseStrictJson, type StrictJson } from './strict-json.ts';
import { parseKubernetesYaml } from './yaml.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface DecodeOptions {
  /** What the request's path is about; a body without apiVersion and kind is taken for one of these. */
  readonly resource: GroupVersionKind;
  readonly fieldValidation: FieldValidation;
}

export interface Decoded {
  readonly object: unknown;
  /** Sentences for Warning headers: `unknown field "spec.bogus"`. */
  readonly warnings: string[];
}

/**
 * A request body as a typed object: JSON, YAML or protobuf, canonical values, unknown fields
 * refused, warned of or dropped. Throws ApiError 400 (malformed, of another kind, of wrong types) or 415.
 */
export function decodeBody(body: Buffer, contentType: string, options: DecodeOptions): Decoded {
  const mediaType = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  switch (mediaType) {
    case '':
    case 'application/json':
      return decodeJson(body, options);
    case 'application/yaml':
      return decodeYaml(body, options);
    case 'application/vnd.kubernetes.protobuf':
      return decodeEnvelope(body, options);
    default:
      throw new ApiError(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      );
  }
}

function decodeJson(body: Buffer, { resource, fieldValidation }: DecodeOptions): Decoded {
  const text = body.toString('utf8');
  let parsed;
  try {
    parsed =
      (fieldValidation === 'Ignore' ? parseLeniently(text) : undefined) ??
      parseStrictJson(text, typeOf(resource));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw unrecognized(
      resource,
      body,
      `couldn't get version/kind; json parse error: ${error.message}`,
    );
  }
  const gvk = kindOf(parsed.value, resource, body);
  return typed(parsed.value, gvk, parsed.objections, { resource, fieldValidation });
}

// `undefined` for what is no JSON: the strict parser says in upstream's words where it goes wrong.
function parseLeniently(text: string): StrictJson | undefined {
  try {
    return { value: JSON.parse(text), objections: [] };
  } catch {
    return undefined;
  }
}

function decodeYaml(body: Buffer, { resource, fieldValidation }: DecodeOptions): Decoded {
  let parsed;
  try {
    parsed = parseKubernetesYaml(body.toString('utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unrecognized(resource, body, `couldn't get version/kind; json parse error: ${reason}`);
  }
  const gvk = kindOf(parsed.value, resource, body);
  const duplicates =
    parsed.duplicates.length === 0
      ? []
      : [`yaml: unmarshal errors:\n  ${parsed.duplicates.join('\n  ')}`];
  return typed(parsed.value, gvk, [...duplicates, ...unknownFields(parsed.value, gvk)], {
    resource,
    fieldValidation,
  });
}

// No unknown or duplicate fields here: protobuf has neither names nor a way to say a thing twice.
function decodeEnvelope(body: Buffer, { resource }: DecodeOptions): Decoded {
  let decoded;
  try {
    decoded = decodeProtobuf(body, resource);
  } catch (error) {
    throw unrecognized(resource, body, error instanceof Error ? error.message : String(error));
  }
  const { gvk, object } = decoded;
  checkKind(gvk, resource);
  if (!object) {
    throw cannotBeHandled(gvk, resource, `no protobuf fields are known for ${gvk.kind}; send JSON`);
  }
  return typed(object, gvk, [], { resource, fieldValidation: 'Ignore' });
}

function typed(
  value: unknown,
  gvk: GroupVersionKind,
  objections: readonly string[],
  { resource, fieldValidation }: DecodeOptions,
): Decoded {
  let object;
  try {
    object = conform(typeOf(gvk), value) as JsonObject;
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
    throw cannotBeHandled(gvk, resource, error.message);
  }
  if (fieldValidation === 'Strict' && objections.length > 0) {
    throw cannotBeHandled(gvk, resource, `strict decoding error: ${objections.join(', ')}`);
  }
  return {
    object: { ...object, apiVersion: apiVersionOf(gvk), kind: gvk.kind },
    warnings: fieldValidation === 'Warn' ? [...objections] : [],
  };
}

/** `unknown field "spec.bogus"` for each field the kind does not have. */
export function unknownFields(value: unknown, gvk: GroupVersionKind): string[] {
  const objections = new Set<string>();
  try {
    conform(typeOf(gvk), value, {
      onUnknownField: (path) => objections.add(`unknown field ${JSON.stringify(path)}`),
    });
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
  }
  return [...objections];
}

function kindOf(value: unknown, resource: GroupVersionKind, body: Buffer): GroupVersionKind {
  if (!isObject(value)) {
    const found = Array.isArray(value) ? 'array' : typeof value;
    throw unrecognized(
      resource,
      body,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  }
  const { apiVersion, kind } = value;
  const gvk: GroupVersionKind = {
    ...(typeof apiVersion === 'string' && apiVersion !== ''
      ? parseApiVersion(apiVersion)
      : resource),
    kind: typeof kind === 'string' && kind !== '' ? kind : resource.kind,
  };
  checkKind(gvk, resource);
  return { group: gvk.group, version: gvk.version, kind: gvk.kind };
}

function checkKind(gvk: GroupVersionKind, resource: GroupVersionKind): void {
  if (
    gvk.kind === resource.kind &&
    gvk.group === resource.group &&
    gvk.version === resource.version
  ) {
    return;
  }
  if (typeOf(gvk).kind === 'any') {
    throw cannotBeHandled(
      gvk,
      resource,
      `no kind ${JSON.stringify(gvk.kind)} is registered for version ${JSON.stringify(apiVersionOf(gvk))} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  }
  if (gvk.kind === resource.kind) {
    throw new ApiError(
      400,
      'BadRequest',
      `the API version in the data (${apiVersionOf(gvk)}) does not match the expected API version (${apiVersionOf(resource)})`,
    );
  }
  const internal = resource.group === '' ? 'core' : (resource.group.split('.')[0] ?? '');
  throw cannotBeHandled(
    gvk,
    resource,
    `converting (${gvk.version}.${gvk.kind}) to (${internal}.${resource.kind}): unknown conversion`,
  );
}

function cannotBeHandled(
  gvk: GroupVersionKind,
  resource: GroupVersionKind,
  reason: string,
): ApiError {
  return new ApiError(
    400,
    'BadRequest',
    `${gvk.kind} in version ${JSON.stringify(gvk.version)} cannot be handled as a ${resource.kind}: ${reason}`,
  );
}

function unrecognized(resource: GroupVersionKind, body: Buffer, reason: string): ApiError {
  return new ApiError(
    400,
    'BadRequest',
    `the object provided is unrecognized (must be of type ${resource.kind}): ${reason} (${summary(body)})`,
  );
}

function summary(body: Buffer): string {
  if (body.length === 0) return '<empty>';
  const isLong = body.length > 30;
  const shown = body.subarray(0, 30).toString(body[0] === 0x7b ? 'utf8' : 'hex');
  return isLong ? `${shown} ...` : shown;
}
