/** The type code of a reference to an object. */
export const objectType = 2;

/** As large as what the JVM itself keeps in objects: pointers. */
export const longType = 11;

/** Sizes of primitive values by type code: boolean, char, float, double, byte, short, int, long. */
export const valueBytes: readonly number[] = [0, 0, 0, 0, 1, 2, 4, 8, 1, 2, 4, 8];

const typeNames: Readonly<Record<number, string>> = {
  4: 'boolean',
  5: 'char',
  6: 'float',
  7: 'double',
  8: 'byte',
  9: 'short',
  10: 'int',
  11: 'long',
};

export function arrayName(type: number): string {
  return `${typeNames[type]}[]`;
}

const descriptors: Readonly<Record<string, string>> = {
  Z: 'boolean',
  C: 'char',
  F: 'float',
  D: 'double',
  B: 'byte',
  S: 'short',
  I: 'int',
  J: 'long',
};

/** `[Ljava/lang/String;` as `java.lang.String[]`. */
export function readableName(name: string): string {
  const depth = name.lastIndexOf('[') + 1;
  const inner = name.slice(depth);
  const element = depth > 0 ? (descriptors[inner] ?? inner.replace(/^L|;$/g, '')) : inner;
  // A hidden class is `Name+0x…` in the dump, `Name/0x…` everywhere else.
  return element.replaceAll('/', '.').replace('+0x', '/0x') + '[]'.repeat(depth);
}

/** Identifiers are addresses, and those stay below 2^53. */
export function readId(view: DataView, at: number, idSize: number): number {
  return idSize === 8
    ? view.getUint32(at) * 0x100000000 + view.getUint32(at + 4)
    : view.getUint32(at);
}
