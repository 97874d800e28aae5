type JsonObject = Record<string, unknown>;

/** events.k8s.io/v1 names on the left, core/v1 names on the right; both kinds share one collection. */
const RENAMED = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const;

export function eventToStored(event: JsonObject): JsonObject {
  return rename(event, 'v1', new Map(RENAMED));
}

export function eventFromStored(event: JsonObject): JsonObject {
  return rename(
    event,
    'events.k8s.io/v1',
    new Map(RENAMED.map(([next, stored]) => [stored, next])),
  );
}

function rename(
  event: JsonObject,
  apiVersion: string,
  names: ReadonlyMap<string, string>,
): JsonObject {
  const renamed: JsonObject = {};
  for (const [field, value] of Object.entries(event)) renamed[names.get(field) ?? field] = value;
  return { ...renamed, apiVersion };
}
