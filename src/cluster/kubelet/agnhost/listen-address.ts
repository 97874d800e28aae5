/**
 * Where a server of ours listens: everywhere, as in a real image; where Pods share the machine's
 * network, on the Pod's own loopback address, which the kubelet tells in POD_IP.
 */
export function listenAddress(): { readonly host?: string } {
  const address = process.env['POD_IP'];
  return address?.startsWith('127.') ? { host: address } : {};
}

/** One line on stdout. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
