import { eventRecorder } from './event-recorder.ts';
import { metaOf, queueKey } from './object-meta.ts';
import type { Controller, ControllerContext } from './runner.ts';

/** Says of each node that it is known, as the node lifecycle controller does; it judges none. */
export function nodeRegistrationController({
  api,
  informers,
  clock,
}: ControllerContext): Controller {
  const nodes = informers.of('nodes');
  const recordEvent = eventRecorder(api, clock, 'node-controller');

  return {
    name: 'node-registration',
    watch(queue) {
      nodes.onChange(({ type, object }) => {
        if (type === 'ADDED') queue.add(queueKey(object));
      });
    },
    reconcile(name) {
      const node = nodes.get({ name });
      if (!node) return;
      const message = `Node ${metaOf(node).name} event: Registered Node ${name} in Controller`;
      recordEvent(node, 'Normal', 'RegisteredNode', message);
    },
  };
}
