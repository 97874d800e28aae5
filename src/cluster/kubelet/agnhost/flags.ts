/** `--name=value`, `--name value` and `--name` of a command line, by name; the other words apart. */
export interface Flags {
  readonly words: readonly string[];
  text(name: string, fallback: string): string;
  number(name: string, fallback: number): number;
}

/** Reads a program's arguments the way Go's flag packages do. */
export function readFlags(args: readonly string[]): Flags {
  const given = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const [, name, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(args[i] ?? '') ?? [];
    if (name === undefined) {
      words.push(args[i] ?? '');
      continue;
    }
    const next = args[i + 1];
    if (value !== undefined) given.set(name, value);
    else if (next !== undefined && !next.startsWith('-')) {
      given.set(name, next);
      i += 1;
    } else given.set(name, 'true');
  }
  return {
    words,
    text: (name, fallback) => given.get(name) ?? fallback,
    number: (name, fallback) => {
      const value = given.get(name);
      return value === undefined ? fallback : Number(value);
    },
  };
}

/** Go's duration (`1m30s`, `500ms`) in milliseconds. */
export function milliseconds(duration: string): number {
  const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/([\d.]+)(ms|h|m|s)/g))
    total += Number(amount) * units[unit as keyof typeof units];
  return total;
}
