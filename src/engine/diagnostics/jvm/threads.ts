import { flag } from '../word-options.ts';
import { pid } from './options.ts';
import { textDiagnostic } from './text-diagnostic.ts';

/** What every thread of a JVM is doing, with locks. */
export const jvmThreads = textDiagnostic({
  name: 'jvm-threads',
  summary: 'thread dump of a JVM with locks (text), by jcmd, jstack or the attach socket',
  extension: '.threads.txt',
  options: { extended: flag, pid },
  // jstack -e and Thread.print -e came with 11.
  commands: ({ extended }) => [`Thread.print -l${extended ? ' -e' : ''}`],
  older: {
    tool: 'jstack',
    args: (process, { extended }) => ['-l', ...(extended ? ['-e'] : []), process],
  },
  obstacle: ({ process, release = 11 }, { extended }) =>
    extended && release < 11
      ? `the JVM (pid ${process.pid}) is Java ${release}, which has no --extended: that came with 11`
      : undefined,
  message: 'the JVM prints its threads',
  failure: 'prints no threads',
  mark: '^"',
});
