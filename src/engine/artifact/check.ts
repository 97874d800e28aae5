import { open } from 'node:fs/promises';
import type { RemoteArtifact } from '../diagnostics/diagnostic.ts';
import type { Findings } from './findings.ts';
import { BadContent } from './format-check.ts';
import { formats } from './formats.ts';
import { createLook, named } from './look.ts';

/** What the content of a format must stand, packed or not; files of no known format pass. */
export interface Check {
  /**
   * The chunk's memory may be used again when it returns or, where there is something to wait for,
   * when that promise resolves. Throws `artifact-corrupt` with the byte offset.
   */
  write(chunk: Buffer): void | Promise<void>;
  /** The content is over: what it tells. Throws `artifact-corrupt` when it is cut short. */
  end(): Promise<Findings>;
}

const nothing: Findings = { facts: [], tables: [] };

/** How much of each table goes into the session: a first look. */
const top = 5;

export function createCheck(name: RemoteArtifact['format']): Check {
  const format = formats.find((each) => each.name === name);
  if (!format?.create) return createUnaskedCheck();
  const look = createLook(format);
  return {
    write: (chunk) => look.write(chunk),
    async end() {
      await look.end();
      return look.seen(top).findings;
    },
  };
}

/** Of content that nobody has promised: what it looks like is told, and nothing is refused. */
function createUnaskedCheck(): Check {
  const look = createLook();
  let problem: BadContent | undefined;
  const note = (error: unknown): void => {
    if (!(error instanceof BadContent)) throw error;
    problem = error;
  };
  return {
    write(chunk) {
      try {
        return problem ? undefined : look.write(chunk)?.catch(note);
      } catch (error) {
        return note(error);
      }
    },
    async end() {
      if (!problem) await look.end().catch(note);
      const { format, findings } = look.seen(top);
      if (!format) return nothing;
      const facts = problem ? [problem.message] : findings.facts;
      return { facts: [format.title, ...facts], tables: problem ? [] : findings.tables };
    },
  };
}

/** Looks through a local file; throws `artifact-corrupt` with the file's name and the byte offset. */
export async function checkFile(
  path: string,
  format: RemoteArtifact['format'],
  signal?: AbortSignal,
): Promise<Findings> {
  const check = createCheck(format);
  await using file = await open(path);
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return await check.end();
      await check.write(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    throw named(error, path);
  }
}
