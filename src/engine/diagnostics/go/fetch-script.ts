/**
 * What `sh` runs to fetch over HTTP to stdout with what the container has; busybox's wget is limited
 * from outside, since with -T that of 1.35 (Debian 12) crashes. An answer that is no
 * success is printed all the same: its words say why. Proxies that the container is told of are not
 * for its own addresses.
 */
const fetchFunction = `
export http_proxy= https_proxy= HTTP_PROXY= HTTPS_PROXY= ALL_PROXY= all_proxy=
limited() {
  seconds=$1
  shift
  if timeout 1 true 2>/dev/null; then timeout "$seconds" "$@"; else "$@"; fi
}
fetch() {
  url=$2://$3:$4$5
  case $1 in
    curl) curl -sSk -m "$6" "$url" ;;
    wget)
      if wget --version 2>/dev/null | grep -q GNU; then
        wget -nv -t 1 --no-check-certificate --content-on-error -T "$6" -O - "$url"
      elif [ "$2" = https ]; then
        limited "$6" wget -q --no-check-certificate -O - "$url"
      else
        limited "$6" wget -q -O - "$url"
      fi ;;
    bash)
      limited "$6" bash -c '
        host=\${1#[}
        exec 3<>"/dev/tcp/\${host%]}/$2" || exit 7
        printf "GET %s HTTP/1.0\\r\\nHost: %s:%s\\r\\n\\r\\n" "$3" "$1" "$2" >&3
        end=$(printf "\\r")
        while IFS= read -r -t "$4" line <&3; do
          [ "$line" = "$end" ] && exec cat <&3
        done
        exit 7' bash "$3" "$4" "$5" "$6" ;;
  esac
}
`;

/**
 * Looks for pprof's index page; arguments: path, then addresses as host and port, two words each.
 * Prints `tool scheme host port` of the first, `none tool` where no address has it, and nothing
 * where the container has no tool for it.
 */
export const probeScript = `${fetchFunction}
for tool in curl wget bash none; do command -v $tool >/dev/null 2>&1 && break; done
[ $tool = none ] && exit 0
path=$1
shift
while [ $# -ge 2 ]; do
  for scheme in http https; do
    [ $tool$scheme = bashhttps ] && continue
    if fetch $tool $scheme "$1" "$2" "$path/" 3 2>/dev/null | grep -q goroutine; then
      echo "$tool $scheme $1 $2"
      exit 0
    fi
  done
  shift 2
done
echo "none $tool"
exit 0`;

/** Fetches one page to stdout; arguments: tool, scheme, host, port, path with query, seconds. */
export const fetchScript = `${fetchFunction}
fetch "$@"`;
