/**
 * Sends what lies in a directory as one tar, and its SHA-256: every byte is read once, and hashed on
 * its way.
 *
 * stdout: the tar, through a command unless that is `none`, then the mark. stderr: lines `whole HASH`
 * and `tar EXITCODE`, and what tar itself has to say. The process stays until it reads a line.
 *
 * Arguments: directory, mark, hasher, what to put before commands that need processor time, command,
 * and what of the directory goes (all of it where nothing is named).
 */
export const tarScript = `
dir=$1 mark=$2 hasher=$3 low=$4 command=$5
shift 5
[ $# -gt 0 ] || set -- .
make() {
  $low tar -cf - -C "$dir" "$@"
  echo "tar $?" >&2
}
digest() {
  if [ $hasher = openssl ]; then sum=$($low openssl dgst -sha256 -r); else sum=$($low sha256sum); fi
  printf 'whole %s\\n' "\${sum%% *}" >&2
}
squeeze() {
  if [ "$command" = none ]; then cat; else $low $command; fi
}
if [ $hasher = none ]; then make "$@" </dev/null | squeeze
else
  # A pipe of our own is open to tee by its name, one that the runtime made may not be.
  { make "$@" </dev/null | tee /dev/fd/3 | digest; } 3>&1 | squeeze
fi
printf '\\n%s\\n' "$mark" || exit 1
read -r acknowledged
exit 0
`;
