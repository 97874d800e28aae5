import { grouped } from './format-check.ts';

export interface HprofSummary {
  takenAt(milliseconds: number): void;
  name(id: number, data: Buffer, from: number, to: number): void;
  loadClass(classId: number, nameId: number): void;
  classDump(): void;
  instance(classId: number, sizeBytes: number): void;
  primitiveArray(type: number, sizeBytes: number): void;
  lines(): readonly string[];
}

interface Tally {
  count: number;
  sizeBytes: number;
}

const arrayNames: readonly string[] = [
  '',
  '',
  '',
  '',
  'boolean[]',
  'char[]',
  'float[]',
  'double[]',
  'byte[]',
  'short[]',
  'int[]',
  'long[]',
];

/** Counts what a heap dump holds; memory grows with the number of classes, not of objects. */
export function createHprofSummary(): HprofSummary {
  const names = new Map<number, string>();
  const nameOfClass = new Map<number, number>();
  const tallies = new Map<number, Tally>();
  const arrays = arrayNames.map((): Tally => ({ count: 0, sizeBytes: 0 }));
  let classes = 0;
  let takenAtMs = 0;
  // Objects of one class come in runs.
  let lastClass = -1;
  let lastTally: Tally = { count: 0, sizeBytes: 0 };

  function className(classId: number): string {
    const name = names.get(nameOfClass.get(classId) ?? -1);
    return name === undefined ? `class 0x${classId.toString(16)}` : readable(name);
  }

  return {
    takenAt(milliseconds) {
      takenAtMs = milliseconds;
    },
    name(id, data, from, to) {
      // Method signatures and field descriptors are most of all names, and never name a class.
      const first = data[from];
      if (first === 0x28 || (first === 0x4c && data[to - 1] === 0x3b)) return;
      names.set(id, data.toString('latin1', from, to));
    },
    loadClass(classId, nameId) {
      nameOfClass.set(classId, nameId);
    },
    classDump() {
      classes += 1;
    },
    instance(classId, sizeBytes) {
      if (classId !== lastClass) {
        lastClass = classId;
        let tally = tallies.get(classId);
        if (!tally) {
          tally = { count: 0, sizeBytes: 0 };
          tallies.set(classId, tally);
        }
        lastTally = tally;
      }
      lastTally.count += 1;
      lastTally.sizeBytes += sizeBytes;
    },
    primitiveArray(type, sizeBytes) {
      const tally = arrays[type];
      if (!tally) return;
      tally.count += 1;
      tally.sizeBytes += sizeBytes;
    },
    lines() {
      const all = [
        ...[...tallies].map(([id, tally]) => ({ name: className(id), ...tally })),
        ...arrays.map((tally, type) => ({ name: arrayNames[type] ?? '', ...tally })),
      ].filter(({ count }) => count > 0);
      const objects = all.reduce((sum, { count }) => sum + count, 0);
      const strings = all.find(({ name }) => name === 'java.lang.String')?.count ?? 0;
      const top = [...all].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, 5);
      return [
        `${grouped(objects)} objects of ${grouped(classes)} classes`,
        `${grouped(strings)} strings`,
        ...top.map(
          ({ name, count, sizeBytes }) =>
            `${name}: ${grouped(count)} objects, ${megabytes(sizeBytes)}`,
        ),
        `taken ${new Date(takenAtMs).toISOString()}`,
      ];
    },
  };
}

function megabytes(bytes: number): string {
  return `${grouped(Math.round(bytes / 1e5) / 10)} MB`;
}

/** `[Ljava/lang/String;` as `java.lang.String[]`. */
function readable(name: string): string {
  const depth = name.lastIndexOf('[') + 1;
  const inner = name.slice(depth);
  const element = depth > 0 ? (primitives[inner] ?? inner.replace(/^L|;$/g, '')) : inner;
  return element.replaceAll('/', '.') + '[]'.repeat(depth);
}

const primitives: Readonly<Record<string, string>> = {
  Z: 'boolean',
  C: 'char',
  F: 'float',
  D: 'double',
  B: 'byte',
  S: 'short',
  I: 'int',
  J: 'long',
};
