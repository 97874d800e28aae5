import { listenToOutside } from './outside.ts';

// One entry for both background processes: `keeper` holds a detached cluster from outside, and
// without an argument this is the node process itself. What each needs is loaded only then, and the
// channel to the outside is heard before anything heavy is read.
if (process.argv[2] === 'keeper') {
  const { keep } = await import('../launch/keeper.ts');
  await keep();
} else {
  const stopping = new AbortController();
  const outside = listenToOutside({
    stop: () => stopping.abort(),
    lost: () => stopping.abort(),
  });
  process.once('SIGTERM', () => stopping.abort());
  process.once('SIGINT', () => stopping.abort());
  const { runNode } = await import('./node.ts');
  await runNode(outside, stopping.signal);
}
