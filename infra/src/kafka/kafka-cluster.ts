/** A Kafka for one test run or demo, on loopback, with its data in a temporary folder. */
export interface KafkaCluster {
  /** As in KAFKA_BROKERS: `host:port`, separated by commas. */
  readonly bootstrapServers: string;
  readonly brokers: readonly KafkaBroker[];
  /** Ends all brokers and removes their data. */
  stop(): Promise<void>;
}

/** One broker; it keeps its port and its data through `stop`, `kill` and `restart`. */
export interface KafkaBroker {
  readonly port: number;
  /** Of the process that runs now; another one after `restart`. */
  readonly pid: number;
  /** Ends it in order: it hands its partitions over first. */
  stop(): Promise<void>;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
  /** Freezes it: connections stay open and nothing is answered. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Starts it again where it was; ends it before where it still runs. */
  restart(): Promise<void>;
}

export interface KafkaOptions {
  readonly brokers?: 1 | 3 | undefined;
  readonly signal?: AbortSignal | undefined;
}
