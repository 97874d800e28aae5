import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UsageError } from '../usage-error.ts';
import { findExecutable } from '../find-executable.ts';

export type RuntimeName = 'jvm' | 'node';

/** Which variant of the sample app runs, what is done to it, and why this one. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly image: string;
  readonly diagnostic: string;
  readonly reason: string;
}

/** The JVM where a JDK works, Node otherwise. Throws UsageError when a JVM is forced and there is none. */
export async function chooseRuntime(
  forced: RuntimeName | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Runtime> {
  if (forced === 'node') return nodeRuntime('asked for with --runtime=node');
  const jdk = await findJdk(env);
  if (jdk.found) {
    return {
      name: 'jvm',
      image: 'my-api:1-jvm',
      diagnostic: 'jvm-heap',
      reason: forced ? `asked for with --runtime=jvm; ${jdk.detail}` : jdk.detail,
    };
  }
  if (forced === 'jvm') {
    throw new UsageError(
      `--runtime=jvm needs a JDK: ${jdk.detail}`,
      'kubectl pitstop demo --runtime=node',
    );
  }
  return nodeRuntime(jdk.detail);
}

function nodeRuntime(reason: string): Runtime {
  return { name: 'node', image: 'my-api:1-node', diagnostic: 'node-heap', reason };
}

async function findJdk(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly found: boolean; readonly detail: string }> {
  const java = await findExecutable('java', env);
  if (java === undefined) return { found: false, detail: 'no java on the PATH' };
  const tools = await Promise.all(['jcmd', 'jmap'].map((tool) => findExecutable(tool, env)));
  if (tools.every((tool) => tool === undefined)) {
    return { found: false, detail: 'java is there, but neither jcmd nor jmap is' };
  }
  try {
    // macOS has a /usr/bin/java that only says that there is no Java: run it.
    const { stderr } = await promisify(execFile)(java, ['-version'], { env: { ...env } });
    const version = /version "([^"]+)"/.exec(stderr)?.[1];
    if (version === undefined) return { found: false, detail: `${java} does not tell its version` };
    if (version.startsWith('1.') || Number.parseInt(version, 10) < 11) {
      return { found: false, detail: `java ${version} is older than 11` };
    }
    return {
      found: true,
      detail: `java ${version} with ${tools[0] ? 'jcmd' : 'jmap'} is on the PATH`,
    };
  } catch {
    return { found: false, detail: `${java} does not run` };
  }
}
