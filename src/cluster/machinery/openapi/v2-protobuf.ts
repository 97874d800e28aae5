/** The OpenAPI v2 document in protobuf, as kubectl ≤ 1.28 insists on. */
export function openApiV2Protobuf(): Buffer {
  return Buffer.from([0x0a, 0x03, 0x32, 0x2e, 0x30]);
}
