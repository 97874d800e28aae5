/** Calls `silent` when `heard` has not been called for so many milliseconds. */
export function watchdog(
  ms: number,
  silent: () => void,
): { readonly heard: () => void; readonly stop: () => void } {
  const timer = setTimeout(silent, ms);
  return { heard: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}
