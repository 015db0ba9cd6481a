export type { KafkajsTransportOptions } from './interim/connection.ts';
export { createKafkajsTransport } from './interim/create-kafkajs-transport.ts';
