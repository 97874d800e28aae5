/**
 * Succeeds where the core file `$1` reaches to the end of its last segment. The runtime calls a dump
 * failed that is whole where another part of the process has reaped createdump before it could (seen
 * of .NET 9: "waitpid() FAILED … No child processes"), as programs that start others do.
 */
export const wholeCoreScript = `
file=$1
number() { set -- $(od -An -v -t "u$2" -j "$1" -N "$2" "$file" 2>/dev/null); echo "\${1:-0}"; }
[ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || exit 1
count=$(number 56 2)
[ "$count" -gt 0 ] && [ "$count" -lt 65535 ] || exit 1
last=$(($(number 32 8) + $(number 54 2) * (count - 1)))
end=$(($(number $((last + 8)) 8) + $(number $((last + 32)) 8)))
[ "$end" -gt 64 ] && [ "$(wc -c <"$file")" -ge "$end" ]`;
