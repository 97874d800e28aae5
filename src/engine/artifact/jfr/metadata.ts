import { readNumbers, type Numbers } from './varint.ts';

/** How JFR writes a string: a byte that says how, then the string. */
const encoding = { none: 0, empty: 1, constant: 2, utf8: 3, chars: 4, latin1: 5 } as const;

const deepest = 32;

/**
 * Names of the event types by id, from a chunk's metadata event: a table of strings, then a tree of
 * elements with attributes, of which `class` elements with `superType` jdk.jfr.Event are event types.
 * `body` begins behind the event's size. Throws a RangeError when it ends within.
 */
export function readEventNames(body: Buffer): ReadonlyMap<number, string> {
  const numbers = readNumbers(body);
  // Type, start, duration, id of the metadata.
  for (let count = 0; count < 4; count += 1) numbers.next();
  const strings: string[] = [];
  for (let count = numbers.next(); count > 0; count -= 1) strings.push(readString(numbers));
  const names = new Map<number, string>();
  readElement(0);
  return names;

  function readElement(depth: number): void {
    if (depth > deepest) throw new RangeError('nested too deeply');
    const element = strings[numbers.next()];
    const attributes = new Map<string, string>();
    for (let count = numbers.next(); count > 0; count -= 1) {
      const key = strings[numbers.next()] ?? '';
      attributes.set(key, strings[numbers.next()] ?? '');
    }
    const name = attributes.get('name');
    if (element === 'class' && name !== undefined) {
      names.set(Number(attributes.get('id') ?? -1), name);
    }
    for (let count = numbers.next(); count > 0; count -= 1) readElement(depth + 1);
  }
}

function readString(numbers: Numbers): string {
  const how = numbers.bytes(1).readUInt8();
  switch (how) {
    case encoding.none:
    case encoding.empty:
      return '';
    case encoding.constant:
      numbers.next();
      return '';
    case encoding.utf8:
      return numbers.bytes(numbers.next()).toString('utf8');
    case encoding.latin1:
      return numbers.bytes(numbers.next()).toString('latin1');
    case encoding.chars: {
      const characters: string[] = [];
      for (let left = numbers.next(); left > 0; left -= 1) {
        characters.push(String.fromCharCode(numbers.next()));
      }
      return characters.join('');
    }
    default:
      throw new RangeError(`a string written in way ${how}`);
  }
}
