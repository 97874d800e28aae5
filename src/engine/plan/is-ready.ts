/** Whether the condition Ready is True, which every Service goes by that does not publish others too. */
export function isReady(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
): boolean {
  return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
