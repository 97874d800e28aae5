export type Level = 'info' | 'warn' | 'error';

/** Writes one line of JSON to stderr: a constant message, and the data in fields. */
export function log(
  level: Level,
  msg: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  process.stderr.write(JSON.stringify({ level, time: Date.now(), ...fields, msg }) + '\n');
}
