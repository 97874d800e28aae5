import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { pty } from '../../../test/support/terminal.ts';
import { until } from '../../../test/support/until.ts';
import { shellScripts } from './shell-scripts.ts';

// Each shell for real, with a program that answers what kubectl-pitstop would.
const directory = mkdtempSync(join(tmpdir(), 'pitstop-completion-'));
afterAll(() => rmSync(directory, { recursive: true }));
const files = join(directory, 'files');
mkdirSync(files);
writeFileSync(join(files, 'dump.hprof'), '');
const asked = join(directory, 'asked');
const program = join(directory, 'kubectl-pitstop');
writeFileSync(
  program,
  `#!/bin/sh
shift
echo x >> ${asked}
for last; do :; done
case "$last" in
  --route=*) printf 'release\tone more\nlabel\n:4\n' ;;
  svc/*) printf 'svc/a:b\nsvc/web\n:4\n' ;;
  s*) printf 'sts/\n:6\n' ;;
  '') printf 'web-%s\tRunning\n:4\n' "$#" ;;
  *) printf ':0\n' ;;
esac
`,
);
chmodSync(program, 0o755);
const env = {
  ...process.env,
  PATH: `${directory}:${process.env['PATH']}`,
  HOME: directory,
  TERM: 'xterm',
};

function isMissing(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', ':'], { env });
    return false;
  } catch {
    return true;
  }
}

/** What a shell says that is given a script, in a directory with one file. */
function say(shell: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(shell, args, { env, cwd: files }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

describe('bash', () => {
  const complete = (line: string) =>
    say('bash', [
      '-c',
      `${shellScripts.bash}
      COMP_LINE='${line}' COMP_POINT=${line.length}; _kubectl_pitstop; echo "\${COMPREPLY[@]}"`,
    ]);

  it.each([
    ['a value after =', 'kubectl-pitstop run --route=re', 'release\n'],
    ['the next word', 'kubectl-pitstop run ', 'web-2\n'],
    ['a word with a colon', 'kubectl-pitstop run svc/a', 'svc/a:b\n'],
    ['nothing where files are wanted', 'kubectl-pitstop run -- du', '\n'],
  ])('%s', async (_what, line, said) => {
    expect(await complete(line)).toBe(said);
  });
});

describe.skipIf(isMissing('fish'))('fish (skipped where it is not installed)', () => {
  const complete = (line: string) =>
    say('fish', ['--no-config', '-c', `${shellScripts.fish}\ncomplete -C '${line}'`]);

  it.each([
    ['a value after =', 'kubectl-pitstop run --route=re', '--route=release\tone more\n'],
    ['the next word', 'kubectl-pitstop run ', 'web-2\tRunning\n'],
    ['a word with a colon', 'kubectl-pitstop run svc/a', 'svc/a:b\n'],
    ['a file where files are wanted', 'kubectl-pitstop run -- du', 'dump.hprof\n'],
  ])('%s', async (_what, line, said) => {
    expect(await complete(line)).toBe(said);
  });

  it('asks once a key', async () => {
    writeFileSync(asked, '');
    await complete('kubectl-pitstop run ');
    expect(readFileSync(asked, 'utf8')).toBe('x\n');
  });
});

describe.skipIf(!pty || isMissing('zsh'))('zsh (skipped where it or a terminal is missing)', () => {
  /** Answers what is shown once the key was pressed, the first time in this shell. */
  async function complete(how: 'sourced' | 'on the fpath', line: string): Promise<() => string> {
    const fpath = mkdtempSync(join(directory, 'fpath-'));
    const script = join(fpath, '_kubectl-pitstop');
    writeFileSync(script, shellScripts.zsh);
    const shell = pty?.spawn('zsh', ['-f', '-i'], { cols: 200, rows: 30, cwd: files, env });
    onTestFinished(() => shell?.kill('SIGKILL'));
    let shown = '';
    shell?.onData((data) => (shown += data));
    const load = how === 'sourced' ? `source ${script}` : 'true';
    const path = how === 'sourced' ? '' : `fpath=(${fpath} $fpath);`;
    shell?.write(`PS1=; ${path} autoload -U compinit; compinit -u -D; ${load}; print RE""ADY\n`);
    await until('zsh to be ready', async () => shown.includes('READY'));
    shell?.write(`${line}\t`);
    return () => stripVTControlCharacters(shown).replaceAll('\u0007', '');
  }

  it.each([
    ['a value after =', 'kubectl-pitstop run --route=re', 'run --route=release '],
    ['a word with a colon', 'kubectl-pitstop run svc/a', 'run svc/a:b '],
    ['a kind, to go on typing', 'kubectl-pitstop run s', 'run sts/'],
    ['a file', 'kubectl-pitstop run -- du', 'run -- dump.hprof '],
  ])('%s', async (_what, line, wanted) => {
    await expect.poll(await complete('sourced', line)).toContain(wanted);
  });

  it('at the first key too, found on the fpath', async () => {
    const shown = await complete('on the fpath', 'kubectl-pitstop run --route=re');
    await expect.poll(shown).toContain('run --route=release ');
  });
});
