/** What in a container can speak to a Unix socket. */
export const speakerNames = ['perl', 'python3', 'socat', 'nc'] as const;
export type SpeakerName = (typeof speakerNames)[number];

const perl = `use Socket;
socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, pack_sockaddr_un($ARGV[0])) or die "$ARGV[0]: $!\\n";
syswrite S, pack("H*", $ARGV[1]);
print unpack("H*", $part) while sysread S, $part, 4096;`;

const python = `import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(bytes.fromhex(sys.argv[2]))
while True:
    part = s.recv(4096)
    if not part: break
    sys.stdout.write(part.hex())`;

/** For what only carries bytes; its own words come from the second on. */
const pipe = `request=$1
shift
printf "$request" | "$@" | od -An -v -tx1`;

/** The words that send `request` to `socket` and print the answer in hexadecimal. */
export function speakerWords(
  name: SpeakerName,
  { socket, request }: { readonly socket: string; readonly request: Buffer },
): readonly string[] {
  const octal = [...request].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  switch (name) {
    case 'perl':
      return ['perl', '-e', perl, socket, request.toString('hex')];
    case 'python3':
      return ['python3', '-c', python, socket, request.toString('hex')];
    case 'socat':
      // A day: without it socat waits half a second for what comes after the end of its input.
      return ['sh', '-c', pipe, 'sh', octal, 'socat', '-t', '86400', '-', `UNIX:${socket}`];
    case 'nc':
      return ['sh', '-c', pipe, 'sh', octal, 'nc', '-U', socket];
  }
}
