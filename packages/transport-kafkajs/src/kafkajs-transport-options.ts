import type { Clock, Logger } from '@troupe/core';
import type { GivenLimits } from '@troupe/core/internal';
import type { KafkaConfig } from 'kafkajs';
import type { KafkajsLimits } from './kafkajs-limits.ts';

export interface KafkajsTransportOptions {
  /** `host:port` of some brokers of the cluster. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's logs and quotas. */
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  /** Opens the connections in kafkajs's place: for a proxy on the way to the brokers. */
  readonly socketFactory?: KafkaConfig['socketFactory'];
  readonly limits?: GivenLimits<KafkajsLimits> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}
