import { existsSync } from 'node:fs';
import { hostTool } from './find-command.ts';

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The shell that becomes a container's process. Dash drops variables such as `data-1`, which
 * Kubernetes allows; bash hands them on, and adds some of its own, so it is only taken for those.
 */
export function shellFor(env: Readonly<Record<string, string>>): string {
  if (Object.keys(env).every((name) => IDENTIFIER.test(name))) return '/bin/sh';
  const bash = hostTool('bash');
  return existsSync(bash) ? bash : '/bin/sh';
}
