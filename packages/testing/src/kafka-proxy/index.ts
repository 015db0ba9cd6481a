export { apiKeys, KafkaProxy, type SeenRequest } from './kafka-proxy.ts';
