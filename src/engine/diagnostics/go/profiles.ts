import { runDetached } from '../../container/run-detached.ts';
import { runScript, shellCommand } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import { makeWorkDirectory, type WorkDirectory } from '../../container/work-directory.ts';
import { writeStream } from '../../container/write-file.ts';
import { PitstopError } from '../../errors.ts';
import { artifactOf, keepOnly } from '../artifact-file.ts';
import type {
  ArtifactFormat,
  Diagnostic,
  DiagnosticContext,
  DiagnosticOutcome,
} from '../diagnostic.ts';
import { recordingMs } from '../recording.ts';
import { smallPreflight } from '../small-preflight.ts';
import {
  anyText,
  describeOptions,
  durationMs,
  flag,
  readOptions,
  wholeNumber,
  type WordReader,
} from '../word-options.ts';
import { fetchScript } from './fetch-script.ts';
import { detectGo, findGo, requireGo, type FoundGo, type GoOptions } from './find-go.ts';
import { forwardedGet } from './forwarded-get.ts';

/** One page of net/http/pprof. */
interface Page {
  /** With its query, relative to pprof's index. */
  readonly name: string;
  readonly file: string;
  readonly format: ArtifactFormat;
  /** How long the program takes samples before it answers. */
  readonly waitMs: number;
}

const whereOptions = {
  port: wholeNumber('6060', { most: 65_535 }),
  path: anyText('/debug/pprof'),
  pid: wholeNumber('PID'),
};

/** Memory by the call stacks that allocated it. */
export const goHeap = profile({
  name: 'go-heap',
  summary: 'heap profile of a Go program (pprof), where it serves net/http/pprof; hardly any pause',
  automatic: true,
  spec: { gc: flag, ...whereOptions },
  page: ({ gc }) => ({
    name: gc ? 'heap?gc=1' : 'heap',
    file: 'go.heap.pb.gz',
    format: 'pprof',
    waitMs: 0,
  }),
});

/** What every goroutine is doing. */
export const goGoroutines = profile({
  name: 'go-goroutines',
  summary: 'stacks of all goroutines of a Go program (text), where it serves net/http/pprof',
  spec: { pprof: flag, ...whereOptions },
  page: ({ pprof }) =>
    pprof
      ? { name: 'goroutine', file: 'go.goroutines.pb.gz', format: 'pprof', waitMs: 0 }
      : { name: 'goroutine?debug=2', file: 'go.goroutines.txt', format: 'text', waitMs: 0 },
});

/** Which functions use the processor. */
export const goCpu = profile({
  name: 'go-cpu',
  summary: 'CPU profile of a Go program (pprof) for 30 s, where it serves net/http/pprof',
  spec: { duration: durationMs, ...whereOptions },
  page({ duration }, context) {
    const seconds = Math.ceil(recordingMs('go-cpu', duration, context) / 1000);
    return {
      name: `profile?seconds=${seconds}`,
      file: 'go.cpu.pb.gz',
      format: 'pprof',
      waitMs: seconds * 1000,
    };
  },
});

interface Options extends GoOptions {
  readonly gc?: true;
  readonly pprof?: true;
  readonly duration?: number;
}

function profile({
  name,
  summary,
  automatic = false,
  spec,
  page,
}: {
  readonly name: string;
  readonly summary: string;
  readonly automatic?: boolean;
  readonly spec: Readonly<Record<string, WordReader<unknown>>>;
  readonly page: (options: Options, context: DiagnosticContext) => Page;
}): Diagnostic {
  const read = (words?: readonly string[]): Options => readOptions(name, spec, words);
  return {
    name,
    summary,
    automatic,
    options: describeOptions(spec),
    checkOptions: (words) => void read(words),
    async detect(context) {
      return detectGo(await findGo(context, read(context.extraArgs)));
    },
    async preflight(context) {
      const { waitMs } = page(read(context.extraArgs), context);
      const during = waitMs > 0 ? `, samples of ${waitMs / 1000} s` : '';
      return await smallPreflight(context, `a pprof profile${during}: some MiB at most`);
    },
    async run(context) {
      const options = read(context.extraArgs);
      const wanted = page(options, context);
      return await fetchProfile(context, await requireGo(context, options), wanted);
    },
  };
}

async function fetchProfile(
  context: DiagnosticContext,
  go: FoundGo,
  page: Page,
): Promise<DiagnosticOutcome> {
  const directory = await makeWorkDirectory(context);
  try {
    const byForward = go.tool === 'port-forward';
    const name = byForward ? page.file : 'stdout';
    const path = `${directory.path}/${name}`;
    const onSize = (doneBytes: number) =>
      context.onProgress({
        message:
          doneBytes === 0 && page.waitMs > 0
            ? `Go takes samples for ${page.waitMs / 1000} s`
            : 'Go sends its profile',
        doneBytes,
      });
    const said = byForward
      ? await overForward(context, { go, page, path, onSize })
      : await inContainer(context, { go, page, directory, path, onSize });
    await check(context, { go, page, path, said });
    const extension = page.file.slice(page.file.indexOf('.'));
    const artifact = await artifactOf(context, path, { format: page.format, extension });
    if (!artifact) throw failed(go, page, said);
    await keepOnly(context, directory.path, name);
    return { exitCode: 0, artifact };
  } catch (error) {
    await directory.remove().catch(() => undefined);
    throw error;
  }
}

interface Fetching {
  readonly go: FoundGo;
  readonly page: Page;
  readonly path: string;
  readonly onSize: (sizeBytes: number) => void;
}

async function overForward(
  context: DiagnosticContext,
  { go, page, path, onSize }: Fetching,
): Promise<string> {
  const { signal, timeoutMs } = context;
  const deadline = AbortSignal.timeout(timeoutMs);
  const within = AbortSignal.any([signal, deadline]);
  try {
    const asked = { path: `${go.path}/${page.name}`, waitMs: timeoutMs, signal: within };
    const content: AsyncIterable<Buffer> = await forwardedGet(context.target, go.address, asked);
    await writeStream({ ...context, signal: within }, path, { content, onSize });
    return '';
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw error;
    throw new PitstopError(
      'diagnostic-timeout',
      `${page.name} of pid ${go.process.pid} was not there in ${timeoutMs / 1000} s`,
      { hint: 'give it longer: --timeout=30m', cause: error },
    );
  }
}

/** Over and above the samples, the time a program may take to put its profile together. */
const answerSeconds = 120;

async function inContainer(
  context: DiagnosticContext,
  { go, page, path, directory, onSize }: Fetching & { readonly directory: WorkDirectory },
): Promise<string> {
  const { scheme, host, port } = go.address;
  const seconds = page.waitMs / 1000 + answerSeconds;
  const words = [go.tool, scheme, host, String(port), `${go.path}/${page.name}`, String(seconds)];
  const { stderr } = await runDetached(context, {
    argv: shellCommand(fetchScript, words),
    directory,
    watch: path,
    onSize,
  });
  return stderr.trim();
}

/** What came is the profile, not a page that says why there is none. */
async function check(
  { target, signal }: DiagnosticContext,
  {
    go,
    page,
    path,
    said,
  }: { readonly go: FoundGo; readonly page: Page; readonly path: string; readonly said: string },
): Promise<void> {
  const { stdout } = await runScript(
    target,
    `head -c 2 -- "$1" | od -An -tx1; head -c 500 -- "$1" | tr -d '\\000'`,
    [reach(target, path)],
    { signal },
  );
  const [magic = '', ...rest] = stdout.split('\n');
  const words = rest.join('\n').trim();
  // net/http/pprof gzips its protobufs by itself.
  const isGzip = magic.replaceAll(' ', '') === '1f8b';
  const isStacks = words.startsWith('goroutine ');
  if (page.format === 'pprof' ? isGzip : isStacks) return;
  throw failed(go, page, isGzip ? said : words || said);
}

function failed({ process, address }: FoundGo, page: Page, said: string): PitstopError {
  return new PitstopError(
    'diagnostic-failed',
    `pid ${process.pid} sent no profile from ${page.name} on port ${address.port}; it said: ${said || '(nothing)'}`,
  );
}
