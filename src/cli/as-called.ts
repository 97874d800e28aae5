/**
 * What we tell the user to type must work where they type it: through npm there is no
 * `kubectl pitstop`, but `npx kubectl-pitstop`.
 */
export function asCalled(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const throughNpm = env['npm_command'] === 'exec' || env['npm_command'] === 'run-script';
  return throughNpm ? text.replaceAll('kubectl pitstop ', 'npx kubectl-pitstop ') : text;
}
