import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The file that execvp would run for `command`, or undefined when there is none to execute. */
export function findCommand(
  command: string,
  where: { readonly path: string; readonly directory: string },
): string | undefined {
  const candidates = command.includes('/')
    ? [resolve(where.directory, command)]
    : where.path.split(delimiter).map((directory) => join(directory, command));
  return candidates.find(isExecutable);
}

/** A tool of the node itself, whatever the PATH of the container that it works for. */
export function hostTool(name: string): string {
  return findCommand(name, { path: process.env['PATH'] ?? '', directory: '/' }) ?? name;
}

/** Go's os/exec words, as the OCI runtime passes them on, for a command that is not there. */
export function ociMissing(command: string): string {
  return command.includes('/')
    ? `stat ${command}: no such file or directory`
    : 'executable file not found in $PATH';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
