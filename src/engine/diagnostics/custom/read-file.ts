import { readFile } from 'node:fs/promises';
import type { Document, LineCounter } from 'yaml';
import type { z } from 'zod';
import { PitstopError } from '../../errors.ts';
import { catalogue } from '../index.ts';
import { diagnosticsFile, type CustomDiagnostic } from './schema.ts';

/**
 * The diagnostics of a file of the user's (YAML or JSON). Throws `diagnostics-file` naming the file,
 * the line and the field of everything that is wrong with it.
 */
export async function readDiagnosticsFile(path: string): Promise<readonly CustomDiagnostic[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new PitstopError(
      'diagnostics-file',
      `${path} cannot be read: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  return await parseDiagnostics(text, path);
}

/** What such a file says; `name` is how it is called in errors. */
export async function parseDiagnostics(
  text: string,
  name: string,
): Promise<readonly CustomDiagnostic[]> {
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw refused([`${name}:${line}: ${broken.message}`]);
  }
  const { data, error } = diagnosticsFile.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (error) {
    throw refused(
      error.issues.flatMap((issue) =>
        issuePaths(issue).map(({ path, message }) => {
          const field = path.length > 0 ? `${writePath(path)}: ` : '';
          return `${name}:${lineOf(document, lines, path)}: ${field}${message}`;
        }),
      ),
    );
  }
  const problems: string[] = [];
  const taken = new Set([...catalogue.map((diagnostic) => diagnostic.name), 'auto', 'none']);
  const names = new Set<string>();
  for (const [at, item] of data.items.entries()) {
    if (taken.has(item.name) || names.has(item.name)) {
      const line = lineOf(document, lines, ['items', at, 'name']);
      const whose = taken.has(item.name) ? 'is a diagnostic of pitstop' : 'is there twice';
      problems.push(`${name}:${line}: items[${at}].name: ${item.name} ${whose}`);
    }
    names.add(item.name);
  }
  if (problems.length > 0) throw refused(problems);
  return data.items.map((item) => ({ ...item, source: name }));
}

function refused(problems: readonly string[]): PitstopError {
  return new PitstopError('diagnostics-file', problems.join('\n'), {
    hint: 'docs/guide/diagnostics.md describes the fields',
  });
}

type Path = readonly PropertyKey[];

/** A key that is none of the fields is told at its own place. */
function issuePaths(
  issue: z.core.$ZodIssue,
): readonly { readonly path: Path; readonly message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    message: 'there is no such field',
  }));
}

/** `items[0].detect.process`. */
function writePath(path: Path): string {
  return path
    .map((part, at) => {
      if (typeof part === 'number') return `[${part}]`;
      return at === 0 ? String(part) : `.${String(part)}`;
    })
    .join('');
}

/** The line of the value at `path`, or of the nearest around it that is written. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range = (node as { readonly range?: readonly number[] } | undefined)?.range;
    if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
  }
  return 1;
}
