import type { Session } from '../../engine/index.ts';
import { asCalled } from '../as-called.ts';
import { restoreCommand } from '../connection.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from './document.ts';
import { printProblem } from './error.ts';
import { renderSummary } from './summary.ts';

/** The result of a session on stdout in the format asked for, and what went wrong on stderr. */
export async function printSession(io: Io, flags: CommonFlags, session: Session): Promise<void> {
  const { namespace } = session.metadata;
  const restore = restoreCommand(flags, { namespace, pod: session.spec.pod });
  switch (flags.output) {
    case 'json':
    case 'yaml':
      await printDocument(io, flags.output, session);
      break;
    case 'name':
      io.stdout.write(`pod/${session.spec.pod}\n`);
      break;
    case 'wide':
    case undefined: {
      // With -O -, stdout is the artifact's alone.
      const stream = session.status.artifact?.path === '-' ? io.stderr : io.stdout;
      stream.write(asCalled(renderSummary(session, { stream, restoreCommand: restore }), io.env));
    }
  }
  const { error, podOut, phase } = session.status;
  if (error) {
    // The engine does not know the connection flags that the command needs.
    const isRestore = podOut && (error.hint?.startsWith('kubectl pitstop restore ') ?? true);
    printProblem(io, { message: error.message, hint: isRestore ? restore : error.hint });
  }
  if (phase === 'Isolated' && flags.output !== undefined)
    io.stderr.write(`Put it back with: ${asCalled(restore, io.env)}\n`);
}
