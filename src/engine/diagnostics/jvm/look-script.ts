import { memoryScript } from '../../container/memory.ts';

/**
 * What `sh` runs to find out about one JVM without touching it: lines `WORD TAB VALUE`.
 *
 * Arguments: pid, path of its program where that is known, what its paths begin with for us, uid, gid,
 * and the script below, which runs as the JVM's own user where root can become that: a root without
 * CAP_SYS_PTRACE (the default of container runtimes) may read neither its maps nor where its program is.
 */
export const lookScript = `
uid=$4 gid=$5
works() { "$@" </dev/null >/dev/null 2>&1; }
say() { printf '%s\\t%s\\n' "$1" "$2"; }
if [ "$(id -u 2>/dev/null)" = 0 ] && [ "$uid" != 0 ]; then
  name=
  while IFS=: read -r user _ number rest; do
    [ "$number" = "$uid" ] && name=$user && break
  done 2>/dev/null </etc/passwd
  for way in "setpriv --reuid $uid --regid $gid --clear-groups" "su-exec $uid:$gid" \\
    "gosu $uid:$gid" "chroot --userspec=$uid:$gid /"; do
    works $way sh -c : && say switch "$way" && exec $way sh -c "$6" pitstop-exec "$@"
  done
  if [ -n "$name" ] && works su -s /bin/sh -c 'exec "$@"' -- "$name" sh sh -c :; then
    say su "$name"
    exec su -s /bin/sh -c 'exec "$@"' -- "$name" sh sh -c "$6" pitstop-exec "$@"
  fi
fi
exec sh -c "$6" pitstop-exec "$@"
`;

export const lookAsUserScript = `
pid=$1 exe=$2 root=$3
works() { "$@" </dev/null >/dev/null 2>&1; }
say() { printf '%s\\t%s\\n' "$1" "$2"; }
while read -r key rest; do
  case $key in
    State:) say state "\${rest%%[!A-Za-z]*}" ;;
    NSpid:) say pid "\${rest##*[!0-9]}" ;;
  esac
done <"/proc/$pid/status"
if grep -q '' "/proc/$pid/maps" 2>/dev/null; then
  grep -q 'libj9vm' "/proc/$pid/maps" && say vm openj9
  grep -q 'libjvm\\.so' "/proc/$pid/maps" && say vm hotspot
else
  say vm hidden
fi
[ -n "$exe" ] || exe=$(readlink "/proc/$pid/exe" 2>/dev/null)
tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null |
  sed -nE 's/^(JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS)=/\\1 /p' |
  while set -f && read -r name options; do
    for word in $options; do
      case $word in
        *DisableAttachMechanism* | *NativeMemoryTracking*) say "$name" "$word" ;;
      esac
    done
  done
for tool in jcmd jmap jstack; do
  found=
  if [ -z "$root" ]; then
    for folder in "\${exe%/*}" "\${exe%/*}/../../bin" "$JAVA_HOME/bin"; do
      [ -z "$found" ] && [ -n "$folder" ] && [ -x "$folder/$tool" ] && found=$folder/$tool
    done
  fi
  [ -n "$found" ] || found=$(command -v $tool 2>/dev/null)
  [ -n "$found" ] && say "$tool" "$found"
done
about=$root\${exe%/*}/../release
grep -q '^MODULES=' "$about" 2>/dev/null && ! grep -q 'jdk\\.jfr' "$about" && say without jdk.jfr
version='\\(1\\.\\)\\{0,1\\}\\([0-9][0-9]*\\).*'
release=$(sed -n "s/^JAVA_VERSION=\\"$version/\\2/p" "$about" 2>/dev/null)
[ -n "$release" ] || { [ -f "$root\${exe%/*}/../lib/rt.jar" ] && release=8; }
[ -n "$release" ] && say release "$release"
find_speaker() {
  path=$(command -v perl 2>/dev/null) && works "$path" -MSocket -e 1 && say perl "$path" && return
  path=$(command -v python3 2>/dev/null) && works "$path" -c 'import socket; socket.AF_UNIX' &&
    say python3 "$path" && return
  for name in node socat; do
    path=$(command -v $name 2>/dev/null) && say $name "$path" && return
  done
  path=$(command -v nc 2>/dev/null) && nc -h 2>&1 </dev/null | grep -q -- '-[a-zA-Z46]*U' &&
    say nc "$path" && return
  java=$(command -v java 2>/dev/null)
  [ -z "$root" ] && case $exe in */java) java=$exe ;; esac
  [ -n "$java" ] || return
  release=$(sed -n "s/^JAVA_VERSION=\\"$version/\\2/p" "\${java%/*}/../release" 2>/dev/null)
  [ -n "$release" ] || release=$("$java" -Xmx16m -version 2>&1 </dev/null | sed -n "s/.* version \\"$version/\\2/p")
  if [ "\${release:-0}" -ge 16 ]; then say java "$java"; else say old "$java is Java \${release:-?}"; fi
}
find_speaker
all=$(grep -c '^cpu[0-9]' /proc/stat 2>/dev/null)
say processors "$(nproc 2>/dev/null || echo "$all")"
say cpus "$all"
say memory "$(${memoryScript}
)"
read -r load rest </proc/loadavg && say load "$load"
exit 0
`;
