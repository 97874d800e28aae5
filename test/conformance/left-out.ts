/** Tests of class A and P that are not restated here, and why. */
export const leftOut: ReadonlyMap<string, string> = new Map<string, string>([]);
