const rfc3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;

/** A time as the server writes it: UTC, whole seconds or, for micro times, six digits; `undefined` when it is none. */
export function canonicalTime(text: string, isMicro: boolean): string | undefined {
  const match = rfc3339.exec(text);
  if (!match) return undefined;
  const [, local = '', fraction = '', zone = ''] = match;
  const milliseconds = Date.parse(`${local}${zone}`);
  if (Number.isNaN(milliseconds)) return undefined;
  const seconds = zone === 'Z' ? local : new Date(milliseconds).toISOString().slice(0, 19);
  return isMicro ? `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z` : `${seconds}Z`;
}
