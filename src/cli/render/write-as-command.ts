import type { RepairWrite } from '../../engine/index.ts';

/** A write as the kubectl command that does the same, its preconditions aside. */
export function writeAsCommand(write: RepairWrite): string {
  const { resource, namespace, name } = write.reference;
  const object = [resource, name, '-n', namespace].join(' ');
  if (write.verb === 'delete') return `kubectl delete ${object}`;
  const status = write.subresource ? ` --subresource=${write.subresource}` : '';
  const patch = JSON.stringify(withoutPreconditions(write.patch)).replaceAll(`'`, `'\\''`);
  return `kubectl patch ${object}${status} --type=${write.type} -p '${patch}'`;
}

function withoutPreconditions(patch: unknown): unknown {
  if (Array.isArray(patch)) {
    return patch.filter(
      (operation: { path?: string }) =>
        !/^\/metadata\/(?:uid|resourceVersion)$/.test(operation.path ?? ''),
    );
  }
  const { metadata, ...rest } = patch as { metadata?: Record<string, unknown> };
  const { uid: _uid, resourceVersion: _version, ...meta } = metadata ?? {};
  return { ...(Object.keys(meta).length > 0 && { metadata: meta }), ...rest };
}
