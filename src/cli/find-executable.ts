import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The first executable file of that name on the PATH, as a shell would find it. */
export async function findExecutable(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
