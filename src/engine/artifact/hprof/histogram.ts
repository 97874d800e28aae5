import type { FindingsRow } from '../findings.ts';
import { objectArrayTallies, primitiveArrayTallies, type ArrayTally } from './array-tallies.ts';
import { readClassDump, type ClassDump } from './class-dump.ts';
import { instanceTallies, type InstanceTally } from './instance-tallies.ts';
import { addFields, emptyLayout, mirrorBytes, type Layout } from './layout.ts';
import { align, type MemoryModel } from './memory-model.ts';
import type { Population } from './population.ts';
import { arrayName, longType, readableName, valueBytes } from './values.ts';

interface About {
  readonly idSize: number;
  /** As in the class file: `java/lang/String`. */
  readonly className: (classId: number) => string | undefined;
  readonly fieldName: (nameId: number) => string | undefined;
}

/** Objects and shallow sizes by class, as `jmap -histo` counts them, in no order. */
export function histogram(
  population: Population,
  model: MemoryModel,
  { idSize, className, fieldName }: About,
): readonly FindingsRow[] {
  const { classes } = population;
  const instances = instanceTallies(population.instances);
  const dumpOf = (id: number): ClassDump | undefined => {
    const record = classes.get(id);
    return record && readClassDump(record, idSize);
  };
  const classClass = classes.ids().find((id) => className(id) === 'java/lang/Class');
  // JDK 15 brought both this field (JDK-8230501) and the way fields are laid out.
  const ofClass = classClass === undefined ? undefined : dumpOf(classClass);
  const fillsGaps =
    ofClass?.fields.some(({ nameId }) => fieldName(nameId) === 'classData') ?? false;

  const isInOrder = population.evidence.isInOrder();
  const layouts = new Map<number, Layout>();
  function layoutOf(classId: number): Layout {
    const known = layouts.get(classId);
    if (known) return known;
    const dump = dumpOf(classId);
    if (!dump) return emptyLayout(model.headerBytes);
    // A damaged file may have a class among its own ancestors.
    layouts.set(classId, emptyLayout(model.headerBytes));
    const above = layoutOf(dump.superId);
    const types = [
      ...dump.fields.map(({ type }) => type),
      ...(injected[className(classId) ?? ''] ?? []),
    ];
    const byFields = addFields(above, types, { model, fillsGaps });
    const seen = instances.get(classId);
    const bytes = seen ? weigh(align(byFields.end, model.alignment), seen, isInOrder) : 0;
    // What the JVM has put in, subclasses have too; they do not use the room that it leaves.
    const layout = bytes > byFields.end + model.alignment ? { end: bytes, gaps: [] } : byFields;
    layouts.set(classId, layout);
    return layout;
  }

  const instanceBytes = (classId: number, tally: InstanceTally | undefined): number =>
    weigh(align(layoutOf(classId).end, model.alignment), tally, isInOrder);

  const rows = new Map<string, { name: string; count: number; value: number }>();
  const add = (name: string, count: number, value: number): void => {
    const row = rows.get(name);
    if (!row) rows.set(name, { name, count, value });
    else {
      row.count += count;
      row.value += value;
    }
  };
  const nameOf = (classId: number): string =>
    readableName(className(classId) ?? `class 0x${classId.toString(16)}`);

  for (const [id, tally] of instances) {
    add(nameOf(id), tally.count, tally.count * instanceBytes(id, tally));
  }
  for (const [id, tally] of objectArrayTallies(population.arrays)) {
    const bytes = arrayBytes(tally, model.objectArrayBaseBytes, model.referenceBytes, model);
    add(nameOf(id), tally.count, bytes);
  }
  for (const [type, tally] of primitiveArrayTallies(population.arrays).entries()) {
    if (tally.count === 0) continue;
    const bytes = arrayBytes(tally, model.arrayBaseBytes, valueBytes[type] ?? 0, model);
    add(arrayName(type), tally.count, bytes);
  }
  if (classClass !== undefined) {
    // Classes are objects too, but have no instance record (those of int and its like do).
    const own = instanceBytes(classClass, instances.get(classClass));
    for (const id of classes.ids()) {
      const statics = dumpOf(id)?.statics ?? [];
      // `<resolved_references>` and its like are the JVM's, kept elsewhere.
      const kept = statics.filter(({ nameId }) => fieldName(nameId)?.startsWith('<') !== true);
      add(
        'java.lang.Class',
        1,
        mirrorBytes(
          own,
          kept.map(({ type }) => type),
          model,
        ),
      );
    }
  }
  return [...rows.values()];
}

/**
 * The size by its fields, unless the addresses know better: the JVM may have put in fields of its own
 * (`@Contended` padding, what it keeps in a ClassLoader), and no object reaches into the next one.
 */
function weigh(byFields: number, tally: InstanceTally | undefined, isInOrder: boolean): number {
  if (!tally || tally.distances === 0) return byFields;
  const { leastDistance, seen, distances } = tally;
  if (leastDistance < byFields) return leastDistance;
  if (!isInOrder || seen * 2 <= distances) return byFields;
  // A few instances may happen to have the same neighbour; then only what padding looks like counts.
  const isPadding = leastDistance - byFields >= contendedBytes;
  return seen >= 8 || (seen >= 2 && isPadding) ? leastDistance : byFields;
}

/** `-XX:ContendedPaddingWidth`, on one side of what is padded. */
const contendedBytes = 128;

/** Fields that HotSpot adds to classes (javaClasses.hpp), as a dump does not list them. */
const injected: Readonly<Record<string, readonly number[]>> = {
  'java/lang/ClassLoader': [longType],
  'java/lang/Module': [longType],
  'java/lang/invoke/ResolvedMethodName': [longType, longType],
  'java/lang/invoke/MemberName': [longType],
  'java/lang/invoke/MethodHandleNatives$CallSiteContext': [longType, longType],
};

function arrayBytes(
  { byRemainder, elements, count }: ArrayTally,
  base: number,
  elementBytes: number,
  { alignment }: MemoryModel,
): number {
  let padding = 0;
  for (const [remainder, arrays] of byRemainder.entries()) {
    const bytes = base + remainder * elementBytes;
    padding += arrays * (align(bytes, alignment) - bytes);
  }
  return count * base + elements * elementBytes + padding;
}
