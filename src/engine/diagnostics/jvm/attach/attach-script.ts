/**
 * What `sh` runs to open the attach socket of a JVM, and then to run what speaks to it.
 *
 * The JVM opens the socket when it gets a SIGQUIT and finds `.attach_pidPID` in its working directory
 * or in /tmp (attachListener_posix.cpp). Without that file the signal makes it print its threads; to
 * what has no handler it is the end: nobody comes here whose handler has not been seen.
 *
 * Arguments: pid, path of the socket, name of the file, owner (`uid:gid` or empty), command.
 */
export const attachScript = `
pid=$1 socket=$2 name=$3 owner=$4
shift 4
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
if [ ! -S "$socket" ]; then
  made=
  trap '[ -z "$made" ] || rm -f "$made"' EXIT
  trap 'exit 143' HUP INT TERM
  for place in "/proc/$pid/cwd" "\${socket%/*}"; do
    made=$place/$name
    [ -f "$made" ] && [ ! -L "$made" ] && break
    (umask 077 && set -C && : >"$made") 2>/dev/null && break
    made=
  done
  if [ -z "$made" ]; then
    echo "neither the working directory of pid $pid nor \${socket%/*} can be written to, where attaching begins" >&2
    exit 1
  fi
  [ -z "$owner" ] || chown "$owner" "$made" 2>/dev/null
  kill -QUIT "$pid" || exit 1
  turns=0
  until [ -S "$socket" ]; do
    turns=$((turns + 1))
    if [ $turns -gt 200 ]; then
      echo "pid $pid opened no attach socket: it hangs, or was started with -XX:+DisableAttachMechanism" >&2
      exit 1
    fi
    [ $turns = 100 ] && kill -QUIT "$pid"
    sleep 0.1 2>/dev/null || { sleep 1; turns=$((turns + 9)); }
  done
  rm -f "$made"
  made=
fi
"$@"
`;
