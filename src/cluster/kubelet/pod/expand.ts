/**
 * Kubernetes' `$(NAME)` in env values, command and args: known names are replaced, `$$` is a `$`
 * that starts nothing, unknown names stay as they are written.
 */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (whole === '$$') return '$';
    return name !== undefined && Object.hasOwn(env, name) ? (env[name] ?? '') : whole;
  });
}
