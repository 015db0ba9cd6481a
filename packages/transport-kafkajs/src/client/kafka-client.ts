import { type Clock, type Logger, silentLogger, systemClock } from '@troupe/core';
import { Kafka, type LogEntry, logLevel } from 'kafkajs';
import { type KafkajsLimits, limitsOf } from '../kafkajs-limits.ts';
import type { KafkajsTransportOptions } from '../kafkajs-transport-options.ts';
import { installRecordCodec } from '../record-codec/install-record-codec.ts';
import { calmRequestQueue } from './calm-request-queue.ts';
import { keepLoginFaults } from './keep-login-faults.ts';
import { OpenSockets } from './open-sockets.ts';
import { passOverGaps } from './pass-over-gaps.ts';

/** What all parts of a transport share. */
export interface Surroundings {
  readonly options: KafkajsTransportOptions;
  readonly limits: KafkajsLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function surroundingsOf(options: KafkajsTransportOptions): Surroundings {
  return {
    options,
    limits: limitsOf(options.limits),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  };
}

/** A kafkajs client whose connections can be cut without harm to others. */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly sockets: OpenSockets;
}

/**
 * Every value is given: kafkajs has other defaults where `NODE_ENV` is `test`. It takes them nevertheless where it asks for
 * a producer id: it looks for its options there in a place where they never are.
 */
export const fewRetries = {
  initialRetryTime: 50,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 800,
  retries: 5,
};

/** Each part has a client of its own: what one does to its connections is nothing to the others. */
export function openClient(
  { options, limits, logger }: Surroundings,
  requestTimeoutMs = limits.requestTimeoutMs,
): KafkaClient {
  installRecordCodec();
  calmRequestQueue();
  passOverGaps();
  keepLoginFaults();
  const { brokers, clientId, ssl, sasl, socketFactory } = options;
  const sockets = new OpenSockets(socketFactory);
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    socketFactory: sockets.factory,
    connectionTimeout: limits.connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry: fewRetries,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => log(logger, entry),
  });
  return { kafka, sockets };
}

/**
 * For who looks closely. What kafkajs calls an error it tries again, or throws as well; transactions that follow one
 * another closely are such errors all the time.
 */
function log(logger: Logger, { log: { message, timestamp: _, ...fields } }: LogEntry): void {
  logger.debug(`kafkajs: ${message}`, fields);
}
