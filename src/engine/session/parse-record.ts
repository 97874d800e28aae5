import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { z } from 'zod';
import { recordAnnotation } from '../annotations.ts';
import { PitstopError } from '../errors.ts';

/**
 * What a session has left on an object, or undefined where it has left nothing. `kind` is the
 * object's in kubectl's words. Throws `record-unreadable` rather than guess.
 */
export function parseRecord<T extends z.ZodType>(
  schema: T,
  kind: string,
  { metadata }: { readonly metadata?: ObjectMeta },
): z.infer<T> | undefined {
  const text = metadata?.annotations?.[recordAnnotation];
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const { namespace, name } = metadata ?? {};
    throw new PitstopError(
      'record-unreadable',
      `the undo record (annotation ${recordAnnotation}) of ${kind} ${namespace}/${name} cannot be read`,
      {
        hint: `kubectl get ${kind} ${name} -n ${namespace} -o jsonpath='{.metadata.annotations}'`,
        cause,
      },
    );
  }
}
