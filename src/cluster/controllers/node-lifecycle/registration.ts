import { eventRecorder } from '../event-recorder.ts';
import { metaOf } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';

/** Says of each node that it is known from now on, or no longer. */
export function nodeRegistrationController({
  api,
  informers,
  clock,
}: ControllerContext): Controller {
  const nodes = informers.of('nodes');
  const recordEvent = eventRecorder(api, clock, 'node-controller');
  /** The names of those that it has been said of, with the object it was said of. */
  const known = new Map<string, { readonly metadata?: object }>();

  return {
    name: 'node-registration',
    watch(queue) {
      nodes.onChange(({ type, object }) => {
        if (type !== 'MODIFIED') queue.add(metaOf(object).name);
      });
    },
    reconcile(name) {
      const node = nodes.get({ name });
      const before = known.get(name);
      if (node && !before) {
        known.set(name, node);
        const message = `Node ${name} event: Registered Node ${name} in Controller`;
        recordEvent(node, 'Normal', 'RegisteredNode', message);
      } else if (!node && before) {
        known.delete(name);
        const message = `Node ${name} event: Removing Node ${name} from Controller`;
        recordEvent(before, 'Normal', 'RemovingNode', message);
      }
    },
  };
}
