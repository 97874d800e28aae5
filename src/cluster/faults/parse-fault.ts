import { z } from 'zod';
import type { Fault } from './fault.ts';

const container = {
  namespace: z.string().optional(),
  pod: z.string().optional(),
  container: z.string().optional(),
};

const count = z.int().min(0);

const effect = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('status'),
    code: z.literal([403, 409, 410, 429, 500, 503, 504]),
    retryAfterSeconds: count.optional(),
    message: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('lost-request') }),
  z.strictObject({ type: z.literal('lost-answer') }),
  z.strictObject({ type: z.literal('timeout') }),
  z.strictObject({ type: z.literal('delay'), ms: count }),
  z.strictObject({ type: z.literal('cut'), afterMs: count }),
]);

const common = { times: z.int().min(1).optional(), skip: count.optional() };

const schema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('request'),
    match: z
      .strictObject({
        verb: z
          .enum(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'])
          .optional(),
        resource: z.string().optional(),
        subresource: z.string().optional(),
        namespace: z.string().optional(),
        name: z.string().optional(),
        user: z.string().optional(),
      })
      .optional(),
    effect,
    ...common,
  }),
  z
    .strictObject({
      kind: z.literal('exec'),
      match: z.strictObject({ ...container, command: z.string().optional() }).optional(),
      cutAtByte: count,
      ending: z.enum(['success', 'silent', 'stall']),
      stallMs: count.optional(),
      ...common,
    })
    .refine(({ ending, stallMs }) => (ending === 'stall') === (stallMs !== undefined), {
      path: ['stallMs'],
      message: 'stallMs goes with ending: stall, and only with it',
    }),
  z.strictObject({
    kind: z.literal('probe'),
    match: z
      .strictObject({
        ...container,
        probe: z.enum(['liveness', 'readiness', 'startup']).optional(),
      })
      .optional(),
    ...common,
  }),
]);

/** A fault from the wire; throws `TypeError` that names the field. */
export function parseFault(value: unknown): Fault {
  const result = schema.safeParse(value);
  if (result.success) return result.data as Fault;
  const [issue] = result.error.issues;
  throw new TypeError(`fault: ${issue?.path.join('.') || 'value'}: ${issue?.message}`);
}
