import { ownName } from '../container/shell.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';

/** Passes of one exec: a look each, so that what has just fallen idle is not found much later. */
const passes = 10;
const noSs = 69;
const refused = 70;

// `ss` names no time and no count that is zero. Idle is a connection on which we spoke last (a request
// that waits for its answer has lastrcv < lastsnd, or nothing sent at all), with nothing in either
// queue. A request that comes between the judging and the closing is lost: so all that were judged
// are closed by one command, at once.
const script = `
command -v ss >/dev/null 2>&1 || exit ${noSs}
filter=$1 idle=$2 passes=$3
field() { case $rest in *" $1:"*) value=\${rest#*" $1:"}; value=\${value%% *} ;; *) value=0 ;; esac; }
while [ "$passes" -gt 0 ]; do
  passes=$((passes - 1))
  open=$(ss -HtinO state established "$filter")
  [ -n "$open" ] || exit 0
  found=$(echo "$open" | while read -r received sent local peer rest; do
    [ "$received$sent" = 00 ] || continue
    rest=" $rest"
    field lastsnd; lastsnd=$value
    field lastrcv; lastrcv=$value
    [ "$lastsnd" -ge "$idle" ] && [ "$lastsnd" -le "$lastrcv" ] || continue
    field bytes_sent; answered=$value
    field bytes_received
    [ "$value" = 0 ] || [ "$answered" -gt 0 ] || continue
    printf "%s ( src %s and dst %s )" "$or" "$local" "$peer"
    or=" or"
  done)
  [ -n "$found" ] || continue
  ss -KHtn state established "( $found )" 2>&1 | while read -r received sent local peer rest; do
    case "$received $sent $local $peer $rest" in
      *'No such file'*) ;;
      [0-9]*) echo "$peer" ;;
      *) echo "$received $sent $local $peer $rest" >&2; exit ${refused} ;;
    esac
  done || exit $?
done`;

/**
 * Closes the connections on these local ports that have been idle for `idleMs`, from within the
 * debug container. Resolves with the peers, `address:port` each, whose connection it closed.
 */
export async function severIdle(
  debug: Target,
  {
    ports,
    idleMs,
    signal,
  }: {
    readonly ports: ReadonlySet<number>;
    readonly idleMs: number;
    readonly signal: AbortSignal;
  },
): Promise<readonly string[]> {
  const { kube, namespace, pod, container } = debug;
  const filter = `( ${[...ports].map((port) => `sport = :${port}`).join(' or ')} )`;
  const command = ['sh', '-c', script, ownName, filter, `${idleMs}`, `${passes}`];
  const { exitCode, stdout, stderr } = await kube.execText({
    namespace,
    pod,
    container,
    command,
    signal,
  });
  if (exitCode === 0)
    return stdout.split('\n').flatMap((line) => line.replace(/^\[(?:::ffff:)?(.*)\]/, '$1') || []);
  const why =
    exitCode === noSs
      ? 'the debug image has no ss (iproute2)'
      : stderr.trim() || `ss exited with code ${exitCode}`;
  throw new PitstopError(
    'debug-container',
    `pod ${namespace}/${pod}: idle connections cannot be closed: ${why}`,
    { hint: '--debug-image names an image with sh and ss; closing needs capability NET_ADMIN' },
  );
}
