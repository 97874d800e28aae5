import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The end-to-end tests start what users start: the bundle, made from the sources as they are now. */
export default async function build(): Promise<void> {
  await promisify(execFile)('npx', ['rolldown', '-c', '--logLevel', 'silent']);
}
