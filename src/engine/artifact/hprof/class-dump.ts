import { corrupt } from '../format-check.ts';
import { objectType, readId, valueBytes } from './values.ts';

/** A CLASS_DUMP record: what tells how large instances and the class's own mirror are. */
export interface ClassDump {
  readonly id: number;
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

/** Three lists of values of differing sizes: all of it must be here, else undefined. */
export function readClassDump(
  view: DataView,
  { at: start, idSize, offset }: { readonly at: number; readonly idSize: number; offset: number },
): { readonly dump: ClassDump; readonly length: number } | undefined {
  let at = start + 1 + 7 * idSize + 8;
  const has = (bytes: number) => at + bytes <= view.byteLength;
  const id = (from: number) => readId(view, from, idSize);
  const sizeOf = (type: number) => {
    const bytes = type === objectType ? idSize : (valueBytes[type] ?? 0);
    if (bytes === 0) throw corrupt('HPROF', `a class with a value of unknown type ${type}`, offset);
    return bytes;
  };

  if (!has(2)) return undefined;
  const constants = view.getUint16(at);
  at += 2;
  for (let count = 0; count < constants; count += 1) {
    if (!has(3)) return undefined;
    at += 3 + sizeOf(view.getUint8(at + 2));
  }
  const statics: Field[] = [];
  if (!has(2)) return undefined;
  const staticCount = view.getUint16(at);
  at += 2;
  for (let count = 0; count < staticCount; count += 1) {
    if (!has(idSize + 1)) return undefined;
    const type = view.getUint8(at + idSize);
    statics.push({ nameId: id(at), type });
    at += idSize + 1 + sizeOf(type);
  }
  const fields: Field[] = [];
  if (!has(2)) return undefined;
  const fieldCount = view.getUint16(at);
  at += 2;
  for (let count = 0; count < fieldCount; count += 1) {
    if (!has(idSize + 1)) return undefined;
    const type = view.getUint8(at + idSize);
    sizeOf(type);
    fields.push({ nameId: id(at), type });
    at += idSize + 1;
  }
  if (at > view.byteLength) return undefined;
  const dump = { id: id(start + 1), superId: id(start + 1 + idSize + 4), statics, fields };
  return { dump, length: at - start };
}
