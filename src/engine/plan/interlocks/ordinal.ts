/** The number at the end of a StatefulSet's Pod's name; -1 without one. */
export function ordinalOf(podName: string): number {
  const [, digits] = /-(\d+)$/.exec(podName) ?? [];
  return digits === undefined ? -1 : Number(digits);
}
