import { createByteTable } from './byte-table.ts';

/** Names of classes, fields and methods, and the stacks of the threads, as the dump's first records tell them. */
export interface Symbols {
  /** The bytes of `data` from `start` on. */
  name(id: number, data: Buffer, range: { readonly start: number; readonly end: number }): void;
  loadClass(classId: number, about: { readonly serial: number; readonly nameId: number }): void;
  frame(id: number, about: { readonly methodId: number; readonly classSerial: number }): void;
  trace(serial: number, topFrame: number): void;
  /** As in the class file: `java/lang/String`. */
  readonly className: (classId: number) => string | undefined;
  readonly nameOf: (id: number) => string | undefined;
  /** `java/lang/Object.wait`: where the stack trace begins; undefined = it has no Java frame. */
  readonly topOf: (traceSerial: number) => string | undefined;
}

export function createSymbols(): Symbols {
  const names = createByteTable();
  const nameOf = (id: number) => names.textOf(id);
  const nameOfClass = new Map<number, number>();
  const nameOfSerial = new Map<number, number>();
  const frames = new Map<number, { readonly methodId: number; readonly classSerial: number }>();
  const tops = new Map<number, number>();
  return {
    name: (id, data, range) => names.add(id, data, range),
    loadClass(classId, { serial, nameId }) {
      nameOfClass.set(classId, nameId);
      nameOfSerial.set(serial, nameId);
    },
    frame: (id, about) => void frames.set(id, about),
    trace: (serial, topFrame) => void tops.set(serial, topFrame),
    className: (classId) => nameOf(nameOfClass.get(classId) ?? -1),
    nameOf,
    topOf(traceSerial) {
      const frame = frames.get(tops.get(traceSerial) ?? -1);
      if (!frame) return undefined;
      const owner = nameOf(nameOfSerial.get(frame.classSerial) ?? -1) ?? '?';
      return `${owner}.${nameOf(frame.methodId) ?? '?'}`;
    },
  };
}
