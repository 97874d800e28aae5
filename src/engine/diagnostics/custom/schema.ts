import { z } from 'zod';
import { bytesOf } from '../../container/quantity.ts';
import type { ArtifactFormat } from '../diagnostic.ts';

const formats = [
  'hprof',
  'jfr',
  'heapsnapshot',
  'cpuprofile',
  'heapprofile',
  'pprof',
  'gcdump',
  'core',
  'speedscope',
  'text',
  'file',
] as const satisfies readonly ArtifactFormat[];

const msPer: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const duration = z
  .string()
  .regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/, 'a duration looks like 30s, 5m or 1h30m')
  .transform((text) => {
    let ms = 0;
    for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
      ms += Number(amount) * (msPer[unit] ?? 0);
    }
    return Math.round(ms);
  });

const size = z.union([z.string(), z.number()]).transform((quantity, context) => {
  const bytes = bytesOf(String(quantity));
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: 'custom', message: 'a size looks like 100Mi or 1.5G' });
  return z.NEVER;
});

const words = z
  .union([z.string().min(1), z.array(z.string()).min(1)])
  .transform((one) => [one].flat());

const diagnostic = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
        'a name has small letters, digits and dashes, as jvm-heap has',
      ),
    summary: z.string().min(1).max(200),
    detect: z
      .strictObject({
        /** Name of the program that must run; `@PID` is then the largest such process. */
        process: z.string().min(1).optional(),
        /** What its command line must have in it besides. */
        arguments: z.string().min(1).optional(),
        /** Programs that the container must have; default: the first word of `run`. */
        programs: words.optional(),
      })
      .optional(),
    run: z.array(z.string()).min(1).optional(),
    /** Instead of `run`: what `sh -c` runs. */
    script: z.string().min(1).optional(),
    /** Whether the words after `--` follow `run`. */
    options: z.boolean().default(false),
    /** Paths and patterns; default: what it prints. */
    collect: words.optional(),
    format: z.enum(formats).optional(),
    extension: z
      .string()
      .regex(/^\.[\w.-]+$/, 'an extension begins with a dot')
      .optional(),
    exitCodes: z.array(z.int().min(0).max(255)).min(1).default([0]),
    timeout: duration.optional(),
    /** What it may need at worst: compared with what there is before anything is touched. */
    preflight: z
      .strictObject({
        pause: duration.optional(),
        size: size.optional(),
        memory: size.optional(),
      })
      .optional(),
  })
  .refine(({ run, script }) => (run === undefined) !== (script === undefined), {
    message: 'either run or script is needed, and not both',
  })
  .refine(({ detect }) => detect?.arguments === undefined || detect.process !== undefined, {
    message: 'detect.arguments goes with detect.process',
    path: ['detect'],
  })
  .refine(
    ({ detect, run = [], script = '' }) =>
      detect?.process !== undefined || ![...run, script].some((word) => /@PID\b/.test(word)),
    { message: '@PID needs detect.process, which says whose', path: ['detect'] },
  );

/** A file of user-defined diagnostics; docs/guide/diagnostics.md describes the same. */
export const diagnosticsFile = z.strictObject({
  apiVersion: z.literal('pitstop.dev/v1alpha1'),
  kind: z.literal('DiagnosticList'),
  items: z.array(diagnostic).min(1),
});

/** One user-defined diagnostic, durations in milliseconds and sizes in bytes; JSON-shaped. */
export type CustomDiagnostic = Readonly<z.infer<typeof diagnostic>> & {
  /** Where it is written, for people. */
  readonly source: string;
};
