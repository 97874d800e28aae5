/** A header's value for Node, which takes each character for a byte, so that UTF-8 is sent as Go sends it. */
export function utf8Header(value: string): string {
  return Buffer.from(value).toString('latin1');
}
