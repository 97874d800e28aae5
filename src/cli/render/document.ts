import type { Io } from '../io.ts';

/** One document on stdout, as JSON or YAML. */
export async function printDocument(
  io: Io,
  format: 'json' | 'yaml',
  document: unknown,
): Promise<void> {
  if (format === 'json') {
    io.stdout.write(`${JSON.stringify(document, null, 4)}\n`);
    return;
  }
  const { stringify } = await import('yaml');
  io.stdout.write(stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }));
}
