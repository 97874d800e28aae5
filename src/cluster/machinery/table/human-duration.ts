const minute = 60;
const hour = 60 * minute;
const day = 24;
const year = 365;

/** A duration as kubectl's AGE column shows it: two units at most, ever coarser. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * minute) return `${seconds}s`;
  const minutes = Math.trunc(seconds / minute);
  if (minutes < 10) return twoUnits([minutes, 'm'], [seconds % minute, 's']);
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(seconds / hour);
  if (hours < 8) return twoUnits([hours, 'h'], [minutes % 60, 'm']);
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / day);
  if (hours < 8 * day) return twoUnits([days, 'd'], [hours % day, 'h']);
  if (days < 2 * year) return `${days}d`;
  const years = Math.trunc(days / year);
  return days < 8 * year ? twoUnits([years, 'y'], [days % year, 'd']) : `${years}y`;
}

/** Time passed since an RFC 3339 time; `<unknown>` when there is none. */
export function since(time: string | null | undefined, now: Date): string {
  return time ? humanDuration(now.getTime() - Date.parse(time)) : '<unknown>';
}

function twoUnits(coarse: [number, string], fine: [number, string]): string {
  return fine[0] === 0 ? coarse.join('') : `${coarse.join('')}${fine.join('')}`;
}
