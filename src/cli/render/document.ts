import type { Io } from '../io.ts';

/** YAML 1.1 is what kubectl reads: there a bare `on`, `yes` or `0777` is no text. */
export const yamlOptions = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;

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
  io.stdout.write(stringify(document, yamlOptions));
}
