import { any, type Type } from '../schema/types.ts';

/** A syntax error in the words of Go's encoding/json. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

export interface StrictJson {
  readonly value: unknown;
  /** `unknown field "spec.bogus"`, `duplicate field "metadata.name"`, in the order of the text, each once. */
  readonly objections: readonly string[];
}

/** JSON.parse that knows the type it reads: notes unknown and duplicate fields where they stand. */
export function parseStrictJson(text: string, type: Type): StrictJson {
  const reader = new Reader(text);
  const value = reader.document(type);
  return { value, objections: [...reader.objections] };
}

const quote = 0x22;
const backslash = 0x5c;
const maxObjections = 100;
const maxDepth = 1000;

class Reader {
  readonly objections = new Set<string>();
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(type: Type): unknown {
    const value = this.#value(type, '');
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
    return value;
  }

  #value(type: Type | undefined, path: string): unknown {
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character === '{') return this.#object(type, path);
    if (character === '[') return this.#array(type, path);
    return character === '"' ? this.#string() : this.#literal();
  }

  #object(type: Type | undefined, path: string): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const seen = new Set<string>();
    this.#descend();
    this.#skipSpace();
    if (this.#text[this.#at] === '}') return this.#close(object);
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') {
        throw this.#unexpected('looking for beginning of object key string');
      }
      const key = this.#string();
      const keyPath = path === '' ? key : `${path}.${key}`;
      const fieldType = this.#fieldType(type, key, keyPath, seen);
      this.#skipSpace();
      if (this.#text[this.#at] !== ':') throw this.#unexpected('after object key');
      this.#at += 1;
      const value = this.#value(fieldType, keyPath);
      if (key === '__proto__') {
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
      } else object[key] = value;
      this.#skipSpace();
      if (this.#text[this.#at] === '}') return this.#close(object);
      if (this.#text[this.#at] !== ',') throw this.#unexpected('after object key:value pair');
      this.#at += 1;
    }
  }

  // Inside an unknown field nothing more is looked at, as upstream skips its value.
  #fieldType(
    type: Type | undefined,
    key: string,
    path: string,
    seen: Set<string>,
  ): Type | undefined {
    if (!type) return undefined;
    const field = type.kind === 'struct' ? type.fields.get(key) : undefined;
    if (type.kind === 'struct' && !field) {
      this.#note(`unknown field ${JSON.stringify(path)}`);
      return undefined;
    }
    if (seen.has(key)) this.#note(`duplicate field ${JSON.stringify(path)}`);
    seen.add(key);
    if (field) return field.type;
    return type.kind === 'map' ? type.value : any;
  }

  #array(type: Type | undefined, path: string): unknown[] {
    const array: unknown[] = [];
    const itemType = type && (type.kind === 'list' ? type.item : any);
    this.#descend();
    this.#skipSpace();
    if (this.#text[this.#at] === ']') return this.#close(array);
    for (;;) {
      array.push(this.#value(itemType, `${path}[${array.length}]`));
      this.#skipSpace();
      if (this.#text[this.#at] === ']') return this.#close(array);
      if (this.#text[this.#at] !== ',') throw this.#unexpected('after array element');
      this.#at += 1;
    }
  }

  #string(): string {
    const start = this.#at;
    let hasEscapes = false;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === backslash) {
        at += 1;
        hasEscapes = true;
      } else if (code === quote) {
        this.#at = at + 1;
        return hasEscapes ? (this.#native(start) as string) : this.#text.slice(start + 1, at);
      } else if (code < 32) {
        this.#at = at;
        throw this.#unexpected('in string literal');
      }
    }
    this.#at = this.#text.length;
    throw this.#unexpected('in string literal');
  }

  #literal(): unknown {
    const start = this.#at;
    const match = /[-+.\w]+/y;
    match.lastIndex = start;
    const token = match.exec(this.#text)?.[0] ?? '';
    if (!/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/.test(token)) {
      throw this.#unexpected('looking for beginning of value');
    }
    this.#at += token.length;
    return this.#native(start);
  }

  #native(start: number): unknown {
    try {
      return JSON.parse(this.#text.slice(start, this.#at));
    } catch {
      this.#at = start + 1;
      throw this.#unexpected('in string escape code');
    }
  }

  #descend(): void {
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new JsonSyntaxError('exceeded max depth');
  }

  #close<T>(value: T): T {
    this.#at += 1;
    this.#depth -= 1;
    return value;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at += 1;
    }
  }

  #note(objection: string): void {
    if (this.objections.size < maxObjections) this.objections.add(objection);
  }

  #unexpected(where: string): JsonSyntaxError {
    const character = this.#text[this.#at];
    return new JsonSyntaxError(
      character === undefined
        ? 'unexpected end of JSON input'
        : `invalid character ${quoted(character)} ${where}`,
    );
  }
}

function quoted(character: string): string {
  if (character === "'") return String.raw`'\''`;
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}
