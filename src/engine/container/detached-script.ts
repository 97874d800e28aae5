import { ownName } from './shell.ts';

/**
 * Field 22 of /proc/PID/stat, when the process began, in ticks since the machine's start: with it a
 * number that another process has by now (after a restart of the container, say) is told from ours.
 * Nothing for a zombie. The command's name is in parentheses and may have any character.
 */
export const birthFunction = `birth() {
  read -r line 2>/dev/null <"/proc/$1/stat" || return 0
  set -- \${line##*) }
  [ "$1" = Z ] || echo "\${20}"
}`;

/** How often the kernel has killed something of the container's cgroup for want of memory (v2, v1). */
const killsFunction = `kills() {
  for file in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
    [ -r "$file" ] || continue
    while read -r key count rest; do [ "$key" = oom_kill ] && echo "$count"; done <"$file"
    return
  done
}`;

/**
 * Starts `argv` once and tells what becomes of it: lines `size N` about the watched file, then
 * `exit N`, or `lost` when it died without a word; before either `oom` if the kernel ran out of the
 * container's memory meanwhile. Running the same script again only listens.
 *
 * Arguments: directory, watched file, `merge` or `split` (stderr), argv. The status file `pid` has the
 * runner's number and birth, `exit` its exit code. The runner is its own session where there is a
 * setsid, so that nothing done to the exec reaches it; this shell stays its parent, so that no zombie
 * is left to a PID 1 that does not reap. What the runner starts is known by its environment too.
 */
export const runDetachedScript = `
d=$1 watch=$2 mode=$3
shift 3
umask 077
${birthFunction}
${killsFunction}
[ -d "$d" ] || { echo gone; exit 0; }
parent=
if mkdir "$d/started" 2>/dev/null; then
  parent=yes
  kills >"$d/started/kills" 2>/dev/null
  detach=
  command -v setsid >/dev/null 2>&1 && detach=setsid
  PITSTOP_RUN=$d $detach sh -c '
    ${birthFunction}
    d=$1 mode=$2
    shift 2
    trap "" HUP
    echo "$$ $(birth $$)" >"$d/pid.new" && mv "$d/pid.new" "$d/pid"
    if [ "$mode" = merge ]; then
      "$@" >"$d/stdout" 2>&1 </dev/null
    else
      "$@" >"$d/stdout" 2>"$d/stderr" </dev/null
    fi
    echo $? >"$d/exit.new" && mv "$d/exit.new" "$d/exit"
  ' ${ownName} "$d" "$mode" "$@" </dev/null >/dev/null 2>&1 &
fi
trap '' PIPE
# Nobody hears a stream that broke: only the parent has a reason to stay.
say() { echo "$1" 2>/dev/null || [ -n "$parent" ] || exit 0; }
tell() {
  before=
  if [ -r "$d/started/kills" ] && read -r before <"$d/started/kills"; then
    [ "$(kills 2>/dev/null)" = "$before" ] || say oom
  fi
  say "$1"
}
nap=0.05 turns=0
while :; do
  [ -f "$d/exit" ] && { read -r code <"$d/exit"; tell "exit $code"; break; }
  [ -d "$d" ] || { say gone; break; }
  pid= born=
  [ -f "$d/pid" ] && read -r pid born <"$d/pid"
  if [ -n "$pid" ]; then
    kill -0 "$pid" 2>/dev/null && [ "$(birth "$pid")" = "$born" ] || [ -f "$d/exit" ] || { tell lost; break; }
  elif [ $turns -gt 40 ]; then
    tell lost
    break
  fi
  size=
  [ -f "$watch" ] && size=$(stat -c %s "$watch" 2>/dev/null || wc -c <"$watch" 2>/dev/null)
  say "size $((\${size:-0}))"
  turns=$((turns + 1))
  [ $turns -gt 20 ] && nap=0.5
  sleep $nap 2>/dev/null || sleep 1 2>/dev/null || break
done
wait
`;

/**
 * Ends what the script above started, and all that came of it: what is in the runner's session, what
 * descends from it, and what has its environment (a daemon that went its own way). Argument: directory.
 * Children go before their parents, which then still reap them: a PID 1 that does not reap would be
 * left with zombies. First politely; what is left after a second is killed.
 */
export const killDetachedScript = `
d=$1
${birthFunction}
runner= born=
[ -f "$d/pid" ] && read -r runner born <"$d/pid"
# Without its birth the number may be another's by now: then only the environment tells.
[ -n "$runner" ] && there=$(birth "$runner") && [ -n "$there" ] && [ "$there" != "$born" ] && runner=none
: "\${runner:=none}"
look() {
  marked=" "
  for file in $(grep -lF "PITSTOP_RUN=$d" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}
    marked="$marked\${pid%/environ} "
  done
  table= family=" $runner "
  for file in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$file" || continue
    pid=\${file#/proc/}
    pid=\${pid%/stat}
    set -- \${line##*) }
    [ "$1" = Z ] && continue
    table="$table $pid:$2"
    case "$4$marked" in "$runner "*|*" $pid "*) family="$family$pid " ;; esac
  done
  grown=yes
  while [ -n "$grown" ]; do
    grown=
    for row in $table; do
      pid=\${row%:*}
      case $family in *" $pid "*) continue ;; esac
      case $family in *" \${row#*:} "*) family="$family$pid " grown=yes ;; esac
    done
  done
  leaves= members=
  for row in $table; do
    pid=\${row%:*}
    case $family in *" $pid "*) ;; *) continue ;; esac
    [ "$pid" = $$ ] && continue
    members="$members $pid"
    parents=" "
    for child in $table; do
      [ "\${child#*:}" = "$pid" ] && case $family in *" \${child%:*} "*) parents=has ;; esac
    done
    [ "$parents" = has ] || leaves="$leaves $pid"
  done
}
end() {
  turns=0
  while [ $turns -lt $2 ]; do
    turns=$((turns + 1))
    look
    [ -n "$members" ] || exit 0
    for pid in $leaves; do
      # The runner writes down how its command ended, and ends by itself.
      [ "$1$pid" = "TERM$runner" ] && [ $turns -lt $2 ] && continue
      kill -"$1" "$pid" 2>/dev/null
    done
    sleep 0.05 2>/dev/null || sleep 1
  done
}
end TERM 20
end KILL 10
exit 0
`;
