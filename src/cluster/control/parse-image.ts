import { z } from 'zod';
import type { Image } from '../kubelet/images.ts';

const schema = z.strictObject({
  command: z.array(z.string()),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  workingDir: z.string().startsWith('/').optional(),
  user: z.string().optional(),
  files: z
    .array(
      z.strictObject({
        source: z.string().startsWith('/'),
        target: z.string().startsWith('/'),
        readOnly: z.boolean().default(false),
      }),
    )
    .optional(),
  bare: z.boolean().optional(),
});

/** An image from the wire or a file; throws `TypeError` that names the field. */
export function parseImage(value: unknown): Image {
  const result = schema.safeParse(value);
  if (result.success) return result.data as Image;
  const [issue] = result.error.issues;
  throw new TypeError(`image: ${issue?.path.join('.') || 'value'}: ${issue?.message}`);
}
