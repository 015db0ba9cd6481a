/**
 * The versions that tests, local servers and docker-compose.yml share; a test keeps the compose
 * file in step. Newer Apicurio needs Java 21; newer Jaeger does not build from its Go module alone.
 */
export const versions = {
  kafka: '4.1.1',
  kafkaScala: '2.13',
  log4j: '2.25.1',
  apicurio: '3.0.9',
  jaeger: '1.62.0',
} as const;

export const images = {
  kafka: `apache/kafka:${versions.kafka}`,
  apicurio: `apicurio/apicurio-registry:${versions.apicurio}`,
  jaeger: `jaegertracing/all-in-one:${versions.jaeger}`,
} as const;
