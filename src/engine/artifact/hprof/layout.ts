import { align, type MemoryModel } from './memory-model.ts';
import { objectType, valueBytes } from './values.ts';

/** Free bytes between fields: [from, to). */
type Gap = [from: number, to: number];

/** The fields of a class and all it inherits, as they lie in memory. */
export interface Layout {
  /** Behind the last field. */
  readonly end: number;
  readonly gaps: readonly Readonly<Gap>[];
}

export function emptyLayout(headerBytes: number): Layout {
  return { end: headerBytes, gaps: [] };
}

/**
 * Adds the fields of a subclass. `fillsGaps`: since JDK 15 fields go wherever there is room, also
 * between those of superclasses (JDK-8237767); before, only behind them, and the end of a class was
 * rounded up to a reference's size.
 */
export function addFields(
  layout: Layout,
  types: readonly number[],
  { model, fillsGaps }: { readonly model: MemoryModel; readonly fillsGaps: boolean },
): Layout {
  if (types.length === 0) return layout;
  const sizeOf = (type: number) =>
    type === objectType ? model.referenceBytes : (valueBytes[type] ?? 0);
  const start = fillsGaps ? layout.end : align(layout.end, model.referenceBytes);
  const gaps: Gap[] = fillsGaps ? layout.gaps.map(([from, to]) => [from, to]) : [];
  let end = start;
  for (const type of order(types)) {
    const size = sizeOf(type);
    const gap = smallest(gaps.filter(([from, to]) => align(from, size) + size <= to));
    if (gap) {
      gaps.splice(gaps.indexOf(gap), 1, ...split(gap, size));
      continue;
    }
    const at = align(end, size);
    if (at > end) gaps.push([end, at]);
    end = at + size;
  }
  return { end, gaps: gaps.filter(([from, to]) => to > from) };
}

/** Primitives by falling size, then references. */
function order(types: readonly number[]): readonly number[] {
  const rank = (type: number) => (type === objectType ? 0 : (valueBytes[type] ?? 0));
  return [...types].sort((a, b) => rank(b) - rank(a));
}

function smallest(gaps: readonly Gap[]): Gap | undefined {
  return [...gaps].sort((a, b) => a[1] - a[0] - (b[1] - b[0]))[0];
}

function split([from, to]: Gap, size: number): Gap[] {
  const at = align(from, size);
  return [
    [from, at],
    [at + size, to],
  ];
}

/** The size of a class's own object, whose static fields lie behind the fields of java.lang.Class. */
export function mirrorBytes(
  classBytes: number,
  statics: readonly number[],
  model: MemoryModel,
): number {
  const references = statics.filter((type) => type === objectType).length;
  const others = statics.filter((type) => type !== objectType);
  const start = emptyLayout(align(classBytes, 8) + references * model.referenceBytes);
  const { end } = addFields(start, others, { model, fillsGaps: true });
  return align(end, model.alignment);
}
