import { findProcesses, type ContainerProcess } from '../../container/processes.ts';
import { runScript } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import type { Detection, DiagnosticContext, HelperNeeds } from '../diagnostic.ts';

/** A Python process, and what looks into it from outside. */
export interface PythonProcess {
  readonly process: ContainerProcess;
  /** Absolute path of py-spy. */
  readonly pySpy: string;
}

export interface NoPython {
  readonly reason: string;
  readonly mayWorkAside?: 'own-image';
  readonly helper?: HelperNeeds;
}

// Opening another process's memory asks the kernel the very question that py-spy's reading will: user,
// capabilities, Yama and seccomp all answer here. Nothing is read.
const findScript = `
root=$1
shift
for pid; do
  name=$(readlink "/proc/$pid/exe" 2>/dev/null) || name=$(tr '\\0' '\\n' <"/proc/$pid/cmdline" 2>/dev/null | head -n 1)
  case \${name##*/} in
    python*|pypy*) ;;
    *) grep -q 'libpython[0-9.]*\\.so' "/proc/$pid/maps" 2>/dev/null || continue ;;
  esac
  open=
  (: <"/proc/$pid/mem") 2>/dev/null && open=open
  prefix=$(tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^VIRTUAL_ENV=//p')
  printf '%s\\037%s\\037%s\\036' "$pid" "$open" "$prefix"
done
printf '\\035'
read -r scope </proc/sys/kernel/yama/ptrace_scope 2>/dev/null
printf '%s\\035' "$scope"
command -v py-spy 2>/dev/null
exit 0`;

/** Where py-spy lies when it was installed beside the program: in its virtual environment, or with its Python. */
const besideScript = `
for file; do [ -x "$file" ] && { echo "$file"; break; }; done
exit 0`;

type Context = Pick<DiagnosticContext, 'target' | 'signal'>;

/** Finds the Python process to work on, the largest where there are several, or says why it cannot be. */
export async function findPython(
  context: Context,
  { pid: asked }: { readonly pid?: number | undefined },
): Promise<PythonProcess | NoPython> {
  const { target, signal } = context;
  const { processes, execUid } = await findProcesses(target, signal);
  const candidates = processes
    .filter(({ pid, runtime }) => runtime === undefined && (asked === undefined || pid === asked))
    .toSorted((a, b) => b.residentBytes - a.residentBytes);
  const words = [reach(target, '/').slice(0, -1), ...candidates.map(({ pid }) => String(pid))];
  const { stdout } = await runScript(target, findScript, words, { signal });
  const { found, ptraceScope, pySpy } = parsePythons(stdout);
  const process = candidates.find(({ pid }) => found.has(pid));
  const facts = process && found.get(process.pid);
  if (!process || !facts) {
    const which = asked === undefined ? '' : ` as pid ${asked}`;
    return { reason: `no Python runs in the container${which}` };
  }
  const path = pySpy ?? (await besideProgram(context, process, facts.virtualEnvironment));
  if (!path) {
    return {
      reason: `Python runs (pid ${process.pid}), but py-spy is neither in the container's PATH nor beside its Python (an image that has it: --debug-image)`,
      mayWorkAside: 'own-image',
      // Yama lets nobody else trace a process that is not his child.
      ...(ptraceScope > 0 && { helper: { traces: true } }),
    };
  }
  if (!facts.isOpen) {
    const reason = whyClosed(process, { execUid, ptraceScope });
    // At 3 the kernel lets nobody.
    return ptraceScope < 3
      ? { reason, mayWorkAside: 'own-image', helper: { traces: true } }
      : { reason };
  }
  return { process, pySpy: path };
}

/** Parses what the script printed: Pythons, Yama's setting, py-spy's path. */
function parsePythons(text: string): {
  readonly found: ReadonlyMap<
    number,
    { readonly isOpen: boolean; readonly virtualEnvironment: string }
  >;
  readonly ptraceScope: number;
  readonly pySpy: string | undefined;
} {
  const [records = '', scope = '', pySpy = ''] = text.split('\u001D');
  return {
    found: new Map(
      records
        .split('\u001E')
        .filter((record) => record !== '')
        .map((record) => {
          const [pid = '', open = '', virtualEnvironment = ''] = record.split('\u001F');
          return [Number(pid), { isOpen: open === 'open', virtualEnvironment }];
        }),
    ),
    ptraceScope: Number(scope.trim() || 0),
    pySpy: pySpy.trim() || undefined,
  };
}

async function besideProgram(
  { target, signal }: Context,
  { executable, argv }: ContainerProcess,
  virtualEnvironment: string,
): Promise<string | undefined> {
  const folders = [
    ...(virtualEnvironment ? [`${virtualEnvironment}/bin`] : []),
    // A virtual environment's python is a link: what it was called as tells where it is.
    ...[argv[0] ?? '', executable]
      .filter((path) => path.startsWith('/'))
      .map((path) => path.slice(0, path.lastIndexOf('/'))),
    '/usr/local/bin',
    '/opt/venv/bin',
  ];
  const paths = [...new Set(folders)].map((folder) => reach(target, `${folder}/py-spy`));
  const { stdout } = await runScript(target, besideScript, paths, { signal });
  return stdout.trim() || undefined;
}

/** Why the kernel does not let us read the process's memory; which permission would. */
export function whyClosed(
  { pid, uid }: ContainerProcess,
  { execUid, ptraceScope }: { readonly execUid: number; readonly ptraceScope: number },
): string {
  const whose = `Python (pid ${pid}, uid ${uid}): its memory is closed to py-spy`;
  const capability = 'capability SYS_PTRACE in the container’s securityContext would open it';
  if (ptraceScope >= 3) {
    return `${whose}, as to everything: the node's kernel.yama.ptrace_scope is ${ptraceScope}`;
  }
  if (execUid !== 0 && execUid !== uid) return `${whose}, since exec runs as uid ${execUid}`;
  if (ptraceScope > 0) {
    return `${whose}: the node's kernel.yama.ptrace_scope is ${ptraceScope}; ${capability}`;
  }
  return `${whose}; ${capability}`;
}

/** What was found, in the words of the catalogue. */
export function detectPython(found: PythonProcess | NoPython): Detection {
  if ('reason' in found) return { works: false, ...found };
  const { pid, uid, command } = found.process;
  return {
    works: true,
    tool: 'py-spy',
    process: { pid, uid, command },
    detail: `py-spy on pid ${pid} (${command})`,
  };
}
