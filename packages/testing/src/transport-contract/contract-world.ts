import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type {
  Headers,
  IncomingRecord,
  OutgoingRecord,
  TransactionalProducer,
  Transport,
} from '@troupe/core';
import { GroupMemberProbe, type ProbeOptions } from './group-member-probe.ts';
import type { TestedLimits, TransportFixture } from './transport-fixture.ts';

/** What one contract test works with: names of its own, and transports that are closed after it. */
export class ContractWorld {
  readonly fixture: TransportFixture;
  readonly #transports: Transport[] = [];
  readonly #run = randomUUID().slice(0, 8);
  #names = 0;

  constructor(fixture: TransportFixture) {
    this.fixture = fixture;
  }

  open(limits?: TestedLimits): Transport {
    return this.adopt(this.fixture.open(limits));
  }

  adopt(transport: Transport): Transport {
    this.#transports.push(transport);
    return transport;
  }

  name(kind: string): string {
    this.#names += 1;
    return `${kind}-${this.#run}-${this.#names}`;
  }

  /** Makes topics with `partitions` partitions each and returns their names. */
  async topics<Count extends 1 | 2>(
    transport: Transport,
    partitions: number,
    count: Count,
  ): Promise<Count extends 1 ? [string] : [string, string]>;
  async topics(transport: Transport, partitions: number, count: 1 | 2): Promise<string[]> {
    const names = Array.from({ length: count }, () => this.name('topic'));
    await transport.topics.create(
      names.map((topic) => ({ topic, partitions, cleanup: 'delete' as const })),
    );
    return names;
  }

  /** Joins a group and notes what it is given. */
  async join(transport: Transport, options: ProbeOptions): Promise<GroupMemberProbe> {
    const probe = new GroupMemberProbe(options);
    await probe.join(transport, this.fixture.sessionTimeoutMs);
    return probe;
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }
}

const noHeaders: Headers = {};

export function record(
  topic: string,
  key: string,
  value: string | null = key,
  partition?: number,
): OutgoingRecord {
  const bytes = value === null ? null : Buffer.from(value);
  return { topic, key, value: bytes, headers: noHeaders, partition };
}

/** `count` records with the values `<name>0`, `<name>1` and so on, for one partition. */
export function recordsOf(
  topic: string,
  count: number,
  name = '',
  partition = 0,
): OutgoingRecord[] {
  return Array.from({ length: count }, (_, at) => record(topic, 'k', `${name}${at}`, partition));
}

export function valuesOf(records: readonly IncomingRecord[]): (string | null)[] {
  return records.map(({ value }) => (value === null ? null : Buffer.from(value).toString()));
}

export function textOf(bytes: Uint8Array | null | undefined): string | null | undefined {
  return bytes === null || bytes === undefined ? bytes : Buffer.from(bytes).toString();
}

export async function commitWith(
  transport: Transport,
  transactionalId: string,
  records: readonly OutgoingRecord[],
): Promise<TransactionalProducer> {
  const producer = await transport.openTransactionalProducer(transactionalId);
  await producer.commit(records);
  return producer;
}

/** The error of what must fail. */
export async function failureOf(failing: Promise<unknown>): Promise<unknown> {
  return failing.then(
    () => new Error('this succeeded, but must fail'),
    (error: unknown) => error,
  );
}
