import { corrupt } from '../format-check.ts';
import { objectType, readId, valueBytes } from './values.ts';

/** A CLASS_DUMP record: what tells how large instances and the class's own mirror are. */
export interface ClassDump {
  /** 0 = none: java.lang.Object, primitive types. */
  readonly superId: number;
  readonly statics: readonly Field[];
  /** Of this class alone, without those it inherits. */
  readonly fields: readonly Field[];
}

interface Field {
  readonly nameId: number;
  readonly type: number;
}

/** Behind the tag: identifiers of the class, its superclass, loader and the like, and two numbers. */
function listsAt(idSize: number): number {
  return 1 + 7 * idSize + 8;
}

/**
 * Length of the record at `at`, its tag included: three lists of values of differing sizes; 0 = not
 * all of it is here. Throws `artifact-corrupt` with `offset` where a value is of no known type.
 */
export function measureClassDump(
  view: DataView,
  { at: start, idSize, offset }: { readonly at: number; readonly idSize: number; offset: number },
): number {
  const end = view.byteLength;
  let at = start + listsAt(idSize);
  for (const { nameBytes, hasValue } of lists(idSize)) {
    if (at + 2 > end) return 0;
    const count = view.getUint16(at);
    at += 2;
    for (let index = 0; index < count; index += 1) {
      at += nameBytes + 1;
      if (at > end) return 0;
      const type = view.getUint8(at - 1);
      const bytes = sizeOf(type, idSize);
      if (bytes === 0) {
        throw corrupt('HPROF', `a class with a value of unknown type ${type}`, offset);
      }
      if (hasValue) at += bytes;
    }
  }
  return at > end ? 0 : at - start;
}

/** Constants by their index, static fields and fields by the identifier of their name. */
function lists(idSize: number) {
  return [
    { nameBytes: 2, hasValue: true },
    { nameBytes: idSize, hasValue: true },
    { nameBytes: idSize, hasValue: false },
  ] as const;
}

function sizeOf(type: number, idSize: number): number {
  return type === objectType ? idSize : (valueBytes[type] ?? 0);
}

/** Of a record that has been measured. */
export function readClassDump(record: Buffer, idSize: number): ClassDump {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const read: Field[][] = [];
  let at = listsAt(idSize);
  for (const { nameBytes, hasValue } of lists(idSize)) {
    const fields: Field[] = [];
    const count = view.getUint16(at);
    at += 2;
    for (let index = 0; index < count; index += 1) {
      const type = view.getUint8(at + nameBytes);
      fields.push({ nameId: nameBytes === idSize ? readId(view, at, idSize) : 0, type });
      at += nameBytes + 1 + (hasValue ? sizeOf(type, idSize) : 0);
    }
    read.push(fields);
  }
  const [, statics = [], fields = []] = read;
  return { superId: readId(view, 1 + idSize + 4, idSize), statics, fields };
}
