import { ApiError } from '../../api-error.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import type { FieldValidation } from './decode-body.ts';
import { parseKubernetesYaml } from './yaml.ts';

/**
 * The body of a server-side apply, as it was written: nothing defaulted, dropped or rewritten,
 * because whoever applies owns exactly the fields that stand there. Throws ApiError 400.
 */
export function decodeApplyPatch(
  body: Buffer,
  { fieldValidation }: { readonly fieldValidation: FieldValidation },
): { object: JsonObject; warnings: string[] } {
  let parsed;
  try {
    parsed = parseKubernetesYaml(body.toString('utf8'));
  } catch (error) {
    throw badRequest(
      `error decoding YAML: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const { value, duplicates } = parsed;
  if (!isObject(value)) throw badRequest('error decoding YAML: an apply patch must be an object');
  if (duplicates.length === 0 || fieldValidation === 'Ignore')
    return { object: value, warnings: [] };
  const objection = `error converting YAML to JSON: yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`;
  if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${objection}`);
  return { object: value, warnings: [objection] };
}

function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}
