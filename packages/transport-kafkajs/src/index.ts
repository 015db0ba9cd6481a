export { createKafkajsTransport } from './create-kafkajs-transport.ts';
export type { KafkajsTransportOptions } from './kafkajs-transport-options.ts';
