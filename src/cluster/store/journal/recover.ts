import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '../../api.ts';
import { fileName, type Generations } from './files.ts';
import { JournalError } from './journal-error.ts';
import { type JournalRecord, type Lines, readLines } from './line.ts';

/** What an earlier life of the cluster has left. */
export interface Recovered {
  readonly objects: readonly { readonly resource: string; readonly object: KubeObject }[];
  /** Not below any revision that was ever told to anybody. */
  readonly revision: number;
  /** The good part of the newest journal, in bytes; what follows was never acknowledged. */
  readonly end: number;
  readonly snapshotBytes: number;
}

/** Reads the newest snapshot and the journals since. Throws JournalError where they are damaged. */
export async function recover(
  directory: string,
  { snapshot, journals }: Generations,
): Promise<Recovered> {
  const state = new State();
  let snapshotBytes = 0;
  let snapshotRevision = 0;
  if (snapshot !== undefined) {
    const path = join(directory, fileName('snapshot', snapshot));
    const bytes = await readFile(path);
    const { records } = requireWhole(path, readLines(bytes));
    const [head, end] = [records[0], records.at(-1)];
    if (!head || !('snapshot' in head) || !end || !('objects' in end)) {
      throw new JournalError(
        `${path} is not a whole snapshot: restore it from a copy of the directory`,
      );
    }
    state.take(records);
    snapshotBytes = bytes.length;
    snapshotRevision = head.snapshot;
  }
  requireConsecutive(directory, snapshot ?? 0, journals);
  let end = 0;
  for (const generation of journals) {
    const path = join(directory, fileName('journal', generation));
    const lines = readLines(await readFile(path));
    // Only the newest can have been cut short: the one before was on disk when it was begun.
    const isNewest = generation === journals.at(-1);
    if (!isNewest || !lines.isTorn) requireWhole(path, lines);
    // A snapshot may be ahead of the first lines of its journal.
    state.take(lines.records, snapshotRevision);
    end = lines.end;
  }
  return { objects: state.objects(), revision: state.revision, end, snapshotBytes };
}

function requireWhole(path: string, lines: Lines): Lines {
  if (lines.badLine === 0) return lines;
  throw new JournalError(
    `${path}, line ${lines.badLine}: damaged, its checksum does not match. Restore the file from a copy; or, to go back to the state before that line, remove it and all that follows`,
  );
}

function requireConsecutive(directory: string, first: number, journals: readonly number[]): void {
  for (const [index, generation] of journals.entries()) {
    if (generation === first + index) continue;
    const missing = join(directory, fileName('journal', first + index));
    throw new JournalError(`${missing} is missing: restore it from a copy of the directory`);
  }
}

class State {
  revision = 0;
  readonly #objects = new Map<string, { resource: string; object: KubeObject }>();

  /** Leaves out what happened up to `after`. */
  take(records: readonly JournalRecord[], after = 0): void {
    for (const record of records) {
      if ('reserved' in record) this.revision = Math.max(this.revision, record.reserved);
      if (!('rev' in record) || record.rev <= after) continue;
      const { rev, resource, key, object } = record;
      this.revision = Math.max(this.revision, rev);
      const id = `${resource} ${key}`;
      if (object === null) this.#objects.delete(id);
      else this.#objects.set(id, { resource, object });
    }
  }

  objects(): readonly { readonly resource: string; readonly object: KubeObject }[] {
    return [...this.#objects.values()];
  }
}
