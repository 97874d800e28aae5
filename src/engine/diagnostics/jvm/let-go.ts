import { runScript } from '../../container/shell.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import type { Jvm } from './jvm.ts';

/** The heap that is written in this time at the slowest rate reckoned with is 6 GB. */
const patienceMs = 120_000;

/**
 * Waits until the JVM has closed what it writes in `directory`: ending a tool does not end what the
 * tool has asked for, and a JVM that still stands still must not go back into traffic. Resolves with
 * false when it has not after two minutes, or cannot be looked at.
 */
export async function untilLetGo(
  { target, onProgress }: Pick<DiagnosticContext, 'target' | 'onProgress'>,
  { process, asUser }: Pick<Jvm, 'asUser'> & { readonly process: { readonly pid: number } },
  directory: string,
): Promise<boolean> {
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  const until = performance.now() + patienceMs;
  const words = [...asUser, 'sh', '-c', heldScript, 'sh', String(process.pid), name];
  while (performance.now() < until) {
    // The session may have been aborted: this is how it ends.
    const signal = AbortSignal.timeout(15_000);
    const { stdout } = await runScript(target, '"$@"', words, { signal });
    if (stdout !== 'held\n') return stdout === 'free\n';
    onProgress({
      message: 'the JVM still writes what was asked for; the Pod goes back after that',
    });
  }
  return false;
}

// A look takes up to two seconds, so that waiting costs little.
const heldScript = `
turns=0
while [ $turns -lt 10 ]; do
  open=$(ls -l "/proc/$1/fd" 2>/dev/null) || exit 0
  case $open in
    *"/$2/"*) ;;
    *) echo free; exit 0 ;;
  esac
  turns=$((turns + 1))
  sleep 0.2 2>/dev/null || { sleep 1; turns=$((turns + 4)); }
done
echo held`;
