import { KubeError } from '../../kube/index.ts';
import { ownName } from '../container/shell.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import { describeCall, type HookCall } from './hook-call.ts';

const timeoutMs = 30_000;
export const noHttpTool = 69;

/** What `sh` runs to send a request with whatever the image has; exported for its tests. */
export const httpScript = `
method=$1 url=$2 body=$3
json='Content-Type: application/json'
if command -v curl >/dev/null 2>&1; then
  if [ -n "$body" ]; then curl -fsS -m 20 -X "$method" -H "$json" -d "$body" "$url"
  else curl -fsS -m 20 -X "$method" "$url"; fi
elif command -v wget >/dev/null 2>&1; then
  if [ "$method" = POST ]; then wget -q -O - -T 20 --header "$json" --post-data "$body" "$url"
  else wget -q -O - -T 20 "$url"; fi
elif command -v python3 >/dev/null 2>&1; then
  python3 -c 'import sys, urllib.request as u
method, url, body = sys.argv[1:4]
request = u.Request(url, method=method, data=body.encode() if method == "POST" else None)
request.add_header("Content-Type", "application/json")
print(u.urlopen(request, timeout=20).read().decode())' "$method" "$url" "$body"
elif command -v node >/dev/null 2>&1; then
  node -e 'const [method, url, body] = process.argv.slice(1);
const request = require("http").request(url, { method, timeout: 20000, headers: { "Content-Type": "application/json" } }, (answer) => {
  answer.pipe(process.stdout);
  if (answer.statusCode >= 400) { console.error("HTTP " + answer.statusCode); process.exitCode = 22; }
});
request.on("error", (error) => { console.error(error.message); process.exitCode = 7; });
request.on("timeout", () => request.destroy(new Error("no answer in 20 s")));
request.end(body);' "$method" "$url" "$body"
elif command -v bash >/dev/null 2>&1; then
  bash -c 'rest=\${2#http://}; hostport=\${rest%%/*}; path=/\${rest#*/}
exec 3<>"/dev/tcp/\${hostport%:*}/\${hostport##*:}" || exit 7
printf "%s %s HTTP/1.0\\r\\nHost: %s\\r\\nContent-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n%s" "$1" "$path" "$hostport" "\${#3}" "$3" >&3
read -r _ status _ <&3
[ "$status" -lt 400 ] || { echo "HTTP $status" >&2; exit 22; }' bash "$method" "$url" "$body"
else exit ${noHttpTool}; fi`;

/**
 * Does one call in the Pod; `containers` are tried in turn for one that has something to send a
 * request with. Throws `drain-hook` with the Pod's own words when it fails.
 */
export async function callInPod(
  target: Target,
  call: HookCall,
  { containers, signal }: { readonly containers: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  if ('command' in call) {
    const container = call.container ?? target.container;
    const { exitCode, said } = await run({ ...target, container }, call.command, signal);
    if (exitCode !== 0) throw failed(target, call, said || `exit code ${exitCode}`);
    return;
  }
  const command = ['sh', '-c', httpScript, ownName, call.method, call.url, call.body ?? ''];
  for (const container of containers) {
    const { exitCode, said } = await run({ ...target, container }, command, signal);
    if (exitCode === 0) return;
    if (exitCode !== noHttpTool && exitCode !== noShell) {
      throw failed(target, call, said || `exit code ${exitCode}`);
    }
  }
  throw failed(target, call, 'no container has curl, wget, python3, node or bash to send it with');
}

const noShell = 127;

async function run(
  { kube, namespace, pod, container }: Target,
  command: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly said: string }> {
  try {
    const { exitCode, stdout, stderr } = await kube.execText({
      namespace,
      pod,
      container,
      command,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return { exitCode, said: (stderr.trim() || stdout.trim()).slice(0, 500) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KubeError && error.code === 'exec-refused') {
      return { exitCode: noShell, said: error.message };
    }
    if (error instanceof KubeError && error.code === 'aborted') {
      return { exitCode: 124, said: `no answer in ${timeoutMs / 1000} s` };
    }
    throw error;
  }
}

function failed({ namespace, pod }: Target, call: HookCall, why: string): PitstopError {
  return new PitstopError(
    'drain-hook',
    `pod ${namespace}/${pod}: ${describeCall(call)} failed: ${why}`,
    { hint: `kubectl logs ${pod} -n ${namespace}` },
  );
}
