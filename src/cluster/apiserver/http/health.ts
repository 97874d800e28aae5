const HEALTH_PATH = /^\/(healthz|livez|readyz)(?:\/([^/]+))?\/?$/;
const CHECKS: readonly string[] = ['ping'];

/** The body of `/healthz`, `/livez`, `/readyz` and their single checks; undefined for other paths. `?verbose` names the checks, as kube-apiserver does. */
export function healthOf({ pathname, searchParams }: URL): string | undefined {
  const [, name, check] = HEALTH_PATH.exec(pathname) ?? [];
  if (name === undefined) return undefined;
  if (check !== undefined) return CHECKS.includes(check) ? 'ok' : undefined;
  if (!searchParams.has('verbose')) return 'ok';
  return `${CHECKS.map((one) => `[+]${one} ok\n`).join('')}${name} check passed\n`;
}
