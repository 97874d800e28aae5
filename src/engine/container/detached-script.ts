import { ownName } from './shell.ts';

/**
 * Starts `argv` once and tells what becomes of it: lines `size N` about the watched file, then
 * `exit N`, or `lost` when it died without a word. Running the same script again only listens.
 *
 * Arguments: directory, watched file, `merge` or `split` (stderr), prefix words until `--`, argv.
 * The runner is its own session, so that nothing done to the exec reaches it; this shell stays its
 * parent, so that no zombie is left to a PID 1 that does not reap.
 */
export const runDetachedScript = `
d=$1 watch=$2 mode=$3
shift 3
umask 077
[ -d "$d" ] || { echo gone; exit 0; }
if mkdir "$d/started" 2>/dev/null; then
  detach=
  command -v setsid >/dev/null 2>&1 && detach=setsid
  $detach sh -c '
    d=$1 mode=$2
    shift 2
    trap "" HUP
    echo $$ >"$d/pid"
    if [ "$mode" = merge ]; then
      "$@" >"$d/stdout" 2>&1 </dev/null
    else
      "$@" >"$d/stdout" 2>"$d/stderr" </dev/null
    fi
    echo $? >"$d/exit.new" && mv "$d/exit.new" "$d/exit"
  ' ${ownName} "$d" "$mode" "$@" </dev/null >/dev/null 2>&1 &
fi
trap '' PIPE
nap=0.05 turns=0
while :; do
  [ -f "$d/exit" ] && { read -r code <"$d/exit"; echo "exit $code"; break; }
  [ -d "$d" ] || { echo gone; break; }
  pid=
  [ -f "$d/pid" ] && read -r pid <"$d/pid"
  if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null && [ ! -f "$d/exit" ]; then echo lost; break; fi
  [ -z "$pid" ] && [ $turns -gt 40 ] && { echo lost; break; }
  size=
  [ -f "$watch" ] && size=$(stat -c %s "$watch" 2>/dev/null || wc -c <"$watch" 2>/dev/null)
  echo "size \${size:-0}"
  turns=$((turns + 1))
  [ $turns -gt 20 ] && nap=0.5
  sleep $nap 2>/dev/null || sleep 1
done
wait
`;

/**
 * Ends what the script above started; arguments: directory. Children go before their parents, which
 * then still reap them: a PID 1 that does not reap would be left with zombies.
 */
export const killDetachedScript = `
runner=
[ -f "$1/pid" ] && read -r runner <"$1/pid"
[ -n "$runner" ] || exit 0
end_leaves() {
  members= parents=
  for file in /proc/[0-9]*/stat; do
    read -r line <"$file" || continue
    pid=\${file#/proc/}
    pid=\${pid%/stat}
    set -- \${line##*) }
    [ "$4" = "$runner" ] && [ "$1" != Z ] && members="$members $pid" parents="$parents $2 "
  done 2>/dev/null
  for pid in $members; do
    case "$parents" in *" $pid "*) continue ;; esac
    [ "$pid" != "$runner" ] && kill -TERM "$pid" 2>/dev/null
  done
}
turns=0
while kill -0 "$runner" 2>/dev/null && [ $turns -lt 20 ]; do
  turns=$((turns + 1))
  end_leaves
  sleep 0.05 2>/dev/null || sleep 1
done
kill -TERM "$runner" 2>/dev/null
kill -KILL -"$runner" 2>/dev/null
exit 0
`;
