import { dirname } from 'node:path';
import { log } from './log.ts';
import type { NodeConfig } from './messages.ts';
import { listenToOutside } from './outside.ts';
import { isBrokenConnection, UNHEARD } from './unheard.ts';

// One entry for all our processes: `keeper` holds a detached cluster from outside, `agnhost` is a
// program of a built-in image, and without an argument this is the node process itself. What each
// needs is loaded only then, and the channel to the outside is heard before anything heavy is read.
if (process.argv[2] === 'keeper') {
  const { keep } = await import('../launch/keeper.ts');
  await keep();
} else if (process.argv[2] === 'agnhost') {
  const { agnhost } = await import('../kubelet/agnhost/main.ts');
  await agnhost(process.argv.slice(3));
} else {
  await beNode();
}

async function beNode(): Promise<void> {
  // Nobody may read the log any more; that must not end the cluster.
  process.stderr.on('error', () => {});
  let parts: Promise<AsyncDisposable> | undefined;
  let config: NodeConfig | undefined;

  // Three seconds, then whatever is left ends with this process or by the outside's hand.
  async function end(code: number): Promise<void> {
    setTimeout(() => process.exit(code), 3000);
    await (await parts?.catch(() => undefined))?.[Symbol.asyncDispose]();
    // Whoever held the cluster would have removed its files.
    if (!process.connected && config) {
      const { removeOwnFiles } = await import('../launch/record.ts');
      await removeOwnFiles(dirname(config.dataDirectory), config.uid);
    }
    process.exit(code);
  }

  const outside = listenToOutside({
    stop: () => void end(0),
    lost: () => void end(1),
  });
  void outside.started.then((start) => ({ config } = start));
  process.once('SIGTERM', () => void end(0));
  const fail = (error: Error) => {
    log('error', 'node failed', { error: error.stack ?? String(error) });
    outside.tell({ type: 'failed', message: error.message });
    void end(1);
  };
  process.on('uncaughtException', function judge(error, origin) {
    if (isBrokenConnection(error, origin)) {
      log('error', UNHEARD, { error: error.stack });
      return;
    }
    process.off('uncaughtException', judge);
    fail(error);
  });
  try {
    const { startNode } = await import('./node.ts');
    parts = startNode(outside);
    await parts;
    outside.tell({ type: 'ready' });
  } catch (error) {
    fail(error as Error);
  }
}
