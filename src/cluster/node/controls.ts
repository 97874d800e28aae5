import type { Pod } from 'kubernetes-types/core/v1.js';
import { ApiError } from '../api-error.ts';
import type { ApiServer } from '../apiserver/index.ts';
import type { Controls } from '../control/controls.ts';
import type { FaultTable } from '../faults/fault-table.ts';
import type { ImageBook } from '../kubelet/index.ts';
import type { Nodes } from './nodes.ts';

/** What can be done to this cluster over its own paths. */
export function controlsOf(parts: {
  readonly faults: FaultTable;
  readonly images: ImageBook;
  readonly server: ApiServer;
  readonly nodes: Nodes;
}): Controls {
  const { faults, images, server, nodes } = parts;
  return {
    faults,
    compact: () => server.compact(),
    images: () => images.all,
    setImage: (name, image) => images.set(name, image),
    removeImage: (name) => images.remove(name),
    runNode: (name, isRunning) => nodes.run(name, isRunning),
    issueClientCertificate: (user) => server.issueClientCertificate(user),
    kill({ namespace, pod: name, container }) {
      const pod = server.api.get<Pod>('pods', { namespace, name });
      if (!pod) throw new ApiError(404, 'NotFound', `pods "${name}" not found`);
      const wanted = container ?? pod.spec?.containers[0]?.name ?? '';
      if (nodes.kill(pod, wanted)) return;
      throw new ApiError(409, 'Conflict', `container "${wanted}" of pod "${name}" does not run`);
    },
  };
}
