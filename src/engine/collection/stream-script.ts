/**
 * Sends a file from a block on, and meanwhile the SHA-256 of its ranges.
 *
 * stdout: the bytes, then the trailer. stderr: lines `range BLOCK HASH`, `whole HASH`, then `done SIZE`.
 * The process stays until it reads a line: closing a stream right after its last bytes is how
 * servers lose them, with status Success (kubernetes/kubernetes#60140).
 *
 * Arguments: file, block size, first block to send, first block to hash, blocks per range, size,
 * trailer, reader, hasher, `whole` or `ranges`. What grows beyond `size` meanwhile is left out.
 */
export const streamScript = `
f=$1 bs=$2 first=$3 hashed=$4 per=$5 size=$6 trailer=$7 reader=$8 hasher=$9
shift 9
whole=$1
full=$((size / bs)) rest=$((size % bs))
total=$((full + (rest > 0)))
take() {
  if [ $reader = tail ]; then
    tail -c +$(($1 * bs + 1)) -- "$f" | head -c $2
    return
  fi
  blocks=$(($2 / bs)) odd=$(($2 % bs))
  [ $blocks -gt 0 ] && dd if="$f" bs=$bs skip=$1 count=$blocks 2>/dev/null
  [ $odd -gt 0 ] && dd if="$f" bs=$bs skip=$(($1 + blocks)) count=1 2>/dev/null | head -c $odd
}
span() {
  left=$((size - $1 * bs)) want=$(($2 * bs))
  [ $want -gt $left ] && want=$left
  take $1 $want
}
digest() {
  if [ $hasher = openssl ]; then sum=$(openssl dgst -sha256 -r); else sum=$(sha256sum); fi
  printf '%s %s\\n' "$1" "\${sum%% *}" >&2
}
hash_every() {
  block=$((hashed + $1 * per))
  while [ $block -lt $total ]; do
    span $block $per | digest "range $block"
    block=$((block + per * $2))
  done
}
hashers=
trap 'kill $hashers 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM PIPE
if [ $hasher != none ]; then
  if [ "$(nproc 2>/dev/null || echo 1)" -gt 1 ]; then
    hash_every 0 2 </dev/null >/dev/null & hashers="$!"
    hash_every 1 2 </dev/null >/dev/null & hashers="$hashers $!"
  else
    hash_every 0 1 </dev/null >/dev/null & hashers="$!"
  fi
  if [ $whole = whole ]; then
    { span 0 $total | digest whole; } </dev/null >/dev/null & hashers="$hashers $!"
  fi
fi
[ $first -lt $total ] && span $first $((total - first))
printf '\\n%s\\n' "$trailer" || exit 1
wait
hashers=
echo "done $(stat -L -c %s -- "$f" 2>/dev/null || wc -c <"$f")" >&2
read -r acknowledged
exit 0
`;
