import { type Logger, silentLogger } from '@troupe/core';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';

export interface KafkajsTransportOptions {
  /** `host:port` of some brokers of the cluster. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  readonly logger?: Logger | undefined;
}

export interface Connection {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  readonly logger: Logger;
}

const silencedByKafkajs = logLevel.WARN;

export function connect(
  { brokers, clientId, ssl, sasl, logger = silentLogger }: KafkajsTransportOptions,
  onLog: (message: string, extra: Record<string, unknown>) => void = () => undefined,
): Connection {
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 8 },
    logLevel: silencedByKafkajs,
    logCreator:
      () =>
      ({ level, log: { message, timestamp: _timestamp, logger: _name, ...extra } }) => {
        onLog(message, extra);
        const text = `kafkajs: ${message}`;
        if (level === logLevel.ERROR) logger.warn(text, extra);
        else logger.debug(text, extra);
      },
  });
  return { kafka, brokers, logger };
}
