import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { clusterName, list, text } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';

/** `cluster images`: what `image:` may name in a running cluster. */
export function imagesVerbs(
  verb: Command,
  io: Io,
  finish: Finish,
  trailing: readonly string[] | undefined,
): void {
  verb
    .description(
      'List, add and remove the images of an embedded cluster. An image says which program of this machine runs, as a Dockerfile would.',
    )
    .usage('[COMMAND] [flags]')
    .addOption(clusterName())
    .action(async (_flags: unknown, self: Command) => {
      const { listImages } = await import('../commands/cluster-images.ts');
      finish(await listImages(io, self.optsWithGlobals()));
    });
  setExamples(
    verb,
    `
# An image of your own: the program, where its files are seen, and its environment
kubectl pitstop cluster images set my-api:2 --mount=$PWD/build:/app:ro --workdir=/app --env=PORT=8080 -- node server.mjs

# Many at once, from a file: name → {command, args, env, workingDir, user, files}
kubectl pitstop cluster images load images.yaml

# What there is
kubectl pitstop cluster images`,
  );
  verb
    .command('set')
    .argument('<IMAGE>')
    .description('Add or replace one image; Pods that start from now on use it.')
    .usage('IMAGE [flags] -- COMMAND [ARG…]')
    .addOption(list('--env <NAME=VALUE>', 'Environment variable; may be repeated'))
    .addOption(text('--workdir <DIR>', 'Working directory in the container'))
    .addOption(text('--run-as <UID[:GID]>', 'User that the container runs as'))
    .addOption(
      list('--mount <SOURCE:TARGET[:ro]>', 'File or directory of this machine; may be repeated'),
    )
    .action(async (image: string, _flags: unknown, set: Command) => {
      const { setImage } = await import('../commands/cluster-images.ts');
      finish(await setImage(io, image, trailing, set.optsWithGlobals()));
    });
  verb
    .command('load')
    .argument('<FILE>')
    .description('Add or replace all images of a YAML or JSON file.')
    .usage('FILE [flags]')
    .action(async (file: string, _flags: unknown, load: Command) => {
      const { loadImages } = await import('../commands/cluster-images.ts');
      finish(await loadImages(io, file, load.optsWithGlobals()));
    });
  verb
    .command('remove')
    .argument('<IMAGE>')
    .description('Remove one image that was added.')
    .usage('IMAGE [flags]')
    .action(async (image: string, _flags: unknown, remove: Command) => {
      const { removeImage } = await import('../commands/cluster-images.ts');
      finish(await removeImage(io, image, remove.optsWithGlobals()));
    });
}
