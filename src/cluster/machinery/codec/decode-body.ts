import { parse as parseYaml } from 'yaml';

import { ApiError } from '../../api-error.ts';
import type { GroupVersionKind } from '../group-version-kind.ts';

export interface DecodeOptions {
  readonly resource: GroupVersionKind;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
}

/** A request body as an object, and the warnings to send along; throws the 400 or 415 upstream answers. */
export function decodeBody(
  body: Buffer,
  contentType: string,
  options: DecodeOptions,
): { object: unknown; warnings: string[] } {
  const mediaType = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const text = body.toString('utf8');
  switch (mediaType) {
    case '':
    case 'application/json':
      try {
        return { object: JSON.parse(text), warnings: [] };
      } catch {
        throw new ApiError(
          400,
          'BadRequest',
          `the object provided is unrecognized (must be of type ${options.resource.kind}): couldn't get version/kind; json parse error: unexpected end of JSON input (${text})`,
        );
      }
    case 'application/yaml':
    case 'application/apply-patch+yaml':
      return { object: parseYaml(text), warnings: [] };
    default:
      throw new ApiError(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      );
  }
}
