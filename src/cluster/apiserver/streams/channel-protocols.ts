/** What the channels of exec and attach may be called, the newest first; without a name they are the oldest. */
export const CHANNEL_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
] as const;

/** Messages are text: the channel's digit, and base64. */
export function isBase64(protocol: string): boolean {
  return protocol.includes('base64.');
}

/** Since version 4 the end is told by a Status; before, only what went wrong, in words. */
export function hasStatus(protocol: string): boolean {
  return /^v\d/.test(protocol);
}

/** A message as text, for protocols that have no binary ones. */
export function toText(channel: number, data: Buffer): string {
  return `${channel}${data.toString('base64')}`;
}

/** The same the other way: channel and data as binary messages have them. */
export function fromText(message: Buffer): Buffer {
  const data = Buffer.from(message.toString('latin1', 1), 'base64');
  return Buffer.concat([Buffer.of((message[0] ?? 0) - 0x30), data]);
}
