/**
 * Serves one file to the lines that it reads:
 *
 *   get BLOCK BLOCKS COMMAND   stdout: the bytes, through COMMAND unless that is `none`, then the mark;
 *                              where the proof is `whole`, its hash on stderr: behind the last, or, of
 *                              a file that is `cached`, when it is made
 *   hash BLOCK END             stderr: a line `range BLOCK HASH` for each range that begins there
 *   whole                      stderr: a line `whole HASH`; or the hasher's own line, then `whole above`
 *   bye                        ends it
 *
 * Hashes are made beside the bytes of the same range or part, so that a slow disk is read once; of what is
 * in memory anyway the hasher reads the file by itself, which saves a pipe (as much as hashing). The process
 * stays until it is told: closing a stream right after its last bytes is how servers lose them, with
 * status Success (kubernetes/kubernetes#60140). Of long silences, `alive` on stderr is the end.
 *
 * Arguments: file, block size, size, blocks per range, mark, reader, hasher, how many hash at once,
 * what to put before commands that need processor time (`nice -n 10`, or nothing), the proof, and
 * whether the file is `cached`.
 * What grows beyond `size` meanwhile is left out. Whatever it starts it waits for: a PID 1 that is an
 * app reaps no orphans.
 */
export const serveScript = `
f=$1 bs=$2 size=$3 per=$4 mark=$5 reader=$6 hasher=$7 lanes=$8 low=$9
shift 9
proof=$1 cached=$2
# The hasher of the whole is given each part beside the client.
fed=
[ $proof = whole ] && [ "$cached" != cached ] && fed=yes
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
hash_input() {
  if [ $hasher = openssl ]; then exec $low openssl dgst -sha256 -r; else exec $low sha256sum; fi
}
digest() {
  sum=$(hash_input)
  printf '%s %s\\n' "$1" "\${sum%% *}" >&2
}
whole() {
  if [ "$cached" = cached ]; then
    trap 'kill $! 2>/dev/null; wait; exit' TERM
    hash_input <"$f" >&2 &
    wait $! && [ $(($(stat -L -c %s -- "$f" 2>/dev/null || wc -c <"$f") + 0)) -eq $size ] && {
      echo whole above >&2
      return
    }
  fi
  span 0 $total | digest whole
}
hash_every() {
  stop= block=$1
  trap stop=1 TERM
  while [ -z "$stop" ] && [ $block -lt $2 ]; do
    span $block $per | digest "range $block"
    block=$((block + per * lanes))
  done
}
pulse() {
  trap 'kill $! 2>/dev/null; wait; exit' TERM
  while :; do
    sleep 20 &
    wait $!
    echo alive >&3 || exit
  done
}
serve() {
hashers= whole= feeder=
{ exec 3>&2 </dev/null >/dev/null 2>&1 9>&-; pulse; } & pulse=$!
trap 'kill $pulse $hashers $whole $feeder 2>/dev/null; wait' EXIT
trap 'exit 1' HUP INT TERM PIPE
[ $total -gt 0 ] || exec 9>&-
[ $proof = whole ] && [ "$cached" = cached ] && { whole </dev/null >/dev/null & whole=$!; }
while read -r word first count command; do
  case $word in
    hash)
      [ -n "$hashers" ] && wait $hashers
      hashers=
      lane=0
      while [ $lane -lt $lanes ]; do
        hash_every $((first + per * lane)) $count </dev/null >/dev/null & hashers="$hashers $!"
        lane=$((lane + 1))
      done ;;
    whole)
      whole </dev/null >/dev/null & whole=$! ;;
    get)
      if [ -n "$fed" ]; then
        [ -n "$feeder" ] && wait $feeder
        span $first $count </dev/null >&9 & feeder=$!
        # The hasher ends when nobody can feed it any more.
        [ $((first + count)) -lt $total ] || exec 9>&-
      fi
      if [ "$command" = none ]; then span $first $count </dev/null 9>&-
      else span $first $count </dev/null 9>&- | $low $command 9>&-; fi
      printf '\\n%s\\n' "$mark" || exit 1 ;;
    bye) exit 0 ;;
  esac
done
exit 1
}
# By exec: of what is redirected for a function alone, some shells keep a copy open.
if [ -n "$fed" ]; then { { exec 9>&1 >&8 8>&-; serve; } | digest whole 8>&-; } 8>&1
else serve; fi
`;
