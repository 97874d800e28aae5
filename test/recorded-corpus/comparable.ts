/** A recorded or fresh answer without what differs from one cluster to the next: identities, instants, addresses. */
export function comparable(value: unknown): unknown {
  const text = JSON.stringify(value, (key, field: unknown) =>
    key === 'description' ? undefined : withoutInjected(field),
  )
    .replaceAll(/"(uid|[\w./]*controller-uid)":"[0-9a-f-]{36}"/g, '"$1":"UID"')
    .replaceAll(/"(\w*[tT]imestamp|\w*[tT]ime)":"\d{4}-[^"]+"/g, '"$1":"TIME"')
    .replaceAll(/"resourceVersion":"\d+"/g, '"resourceVersion":"N"')
    .replaceAll(/10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+/g, 'ADDRESS')
    .replaceAll(/"nodePort":\d+/g, '"nodePort":"N"')
    .replaceAll(/current: \d+/g, 'current: N')
    .replaceAll(/("manager":)"(?:unknown|corpus|curl|node|test)"/g, '$1"CLIENT"')
    // The diff between two Go structs that follows the first line.
    .replaceAll(
      /(\(allow it to be set to 1 if it was previously negative\))\\n@@(?:[^"\\]|\\.)*/g,
      '$1',
    );
  return JSON.parse(text) as unknown;
}

/** The volume with the service account's token has a random name. */
function withoutInjected(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const kept = value.filter((item: { name?: unknown } | null) => {
    const name = item?.name;
    return typeof name !== 'string' || !name.startsWith('kube-api-access-');
  });
  return kept.length === 0 && value.length > 0 ? undefined : kept;
}
