import type { Isolation } from '@troupe/core';
import type { KafkaClient } from './kafka-client.ts';

/** What is used of kafkajs's connection to a cluster. Its own type leaves half of it out. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  metadata(of: { readonly topics: readonly string[] }): Promise<ClusterMetadata | null>;
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
  findGroupCoordinator(group: { readonly groupId: string }): Promise<Broker>;
  refreshMetadataIfNecessary(): Promise<void>;
}

export interface ClusterMetadata {
  readonly topicMetadata: readonly {
    readonly topic: string;
    readonly partitionMetadata: readonly {
      readonly partitionId: number;
      readonly leader: number;
    }[];
  }[];
}

export interface Broker extends GroupCoordinator {
  fetch(request: FetchRequest): Promise<{ readonly responses: readonly FetchedTopic[] }>;
  listOffsets(request: {
    readonly isolationLevel: number;
    readonly topics: readonly TopicPartitions<{ readonly timestamp: string }>[];
  }): Promise<{ readonly responses: readonly TopicPartitions<{ readonly offset: string }>[] }>;
  describeConfigs(request: {
    readonly resources: readonly {
      readonly type: number;
      readonly name: string;
      readonly configNames: readonly string[];
    }[];
  }): Promise<{
    readonly resources: readonly {
      readonly configEntries: readonly {
        readonly configName: string;
        readonly configValue: string | null;
      }[];
    }[];
  }>;
}

/** What a member of a group asks the broker that keeps the group. */
export interface GroupCoordinator {
  readonly nodeId: string;
  isConnected(): boolean;
  joinGroup(request: JoinRequest): Promise<JoinResponse>;
  syncGroup(request: MemberRequest): Promise<{ readonly memberAssignment: Buffer }>;
  heartbeat(request: HeartbeatRequest): Promise<unknown>;
  leaveGroup(request: MemberRequest): Promise<unknown>;
  offsetCommit(request: OffsetCommitRequest): Promise<unknown>;
  offsetFetch(request: {
    readonly groupId: string;
    readonly topics: readonly TopicPartitions[];
  }): Promise<{ readonly responses: readonly TopicPartitions<{ readonly offset: string }>[] }>;
}

export interface MemberRequest {
  readonly groupId: string;
  readonly memberId: string;
}

export interface JoinRequest extends MemberRequest {
  readonly groupProtocols: readonly unknown[];
}

export interface JoinResponse {
  readonly memberId: string;
  readonly generationId: number;
}

export interface HeartbeatRequest extends MemberRequest {
  readonly groupGenerationId: number;
}

export interface OffsetCommitRequest extends HeartbeatRequest {
  readonly topics: readonly TopicPartitions<{
    readonly offset: string;
    readonly metadata: null;
  }>[];
}

export interface FetchRequest {
  readonly maxWaitTime: number;
  readonly topics: readonly TopicPartitions<{ readonly fetchOffset: string }>[];
}

export interface FetchedTopic {
  readonly topicName: string;
  readonly partitions: readonly FetchedPartition[];
}

export interface FetchedPartition {
  readonly partition: number;
  /** Null where the reader is `read-uncommitted`. */
  readonly abortedTransactions:
    | readonly { readonly producerId: string; readonly firstOffset: string }[]
    | null;
  readonly messages: readonly FetchedMessage[];
}

export interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  /** A transaction's end: it has an offset, and nobody is given it. */
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

export interface TopicPartitions<More = unknown> {
  readonly topic: string;
  readonly partitions: readonly ({ readonly partition: number } & More)[];
}

export const isolationLevels: Readonly<Record<Isolation, number>> = {
  'read-uncommitted': 0,
  'read-committed': 1,
};

/**
 * A connection of its own. kafkajs hands out its clusters to partition assigners only: this one belongs to a consumer
 * that is never run.
 */
export function clusterOf({ kafka, sockets }: KafkaClient): Cluster {
  const given: Cluster[] = [];
  const consumer = kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    metadataMaxAge: 0,
    partitionAssigners: [
      ({ cluster }) => {
        given.push(asCluster(cluster));
        return {
          name: 'none',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  consumer.on(consumer.events.REQUEST_TIMEOUT, sockets.dropSilent);
  const [cluster] = given;
  if (cluster === undefined) throw new Error('kafkajs made a consumer without its assigners');
  return cluster;
}

/** The boundary: the shape is that of `src/cluster` and `src/broker` of kafkajs 2.2.4. */
export function asCluster(given: object): Cluster {
  return given as Cluster;
}
