import { randomBytes } from 'node:crypto';

/** A Kafka cluster id: 16 bytes as base64url. The first is below 0x80, because Kafka's tools take a leading '-' for an option. */
export function newClusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
}
