import { DefinitionError } from '../../errors/error-kinds.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Consumer, Producer, TopicAdmin } from '../../ports/transport.ts';
import { type SagaGraph, sagaRef } from '../../sagas/graph/saga-graph.ts';
import { writeDefinition } from '../../wire/definition-record.ts';
import { internalTopics } from '../../wire/internal-topics.ts';
import type { Tenure } from '../waiting/tenure.ts';
import type { DefinitionsReader } from './definitions-reader.ts';

export interface DefinitionsPublishing {
  readonly service: string;
  /** Those that the service brings. */
  readonly sagas: readonly SagaGraph[];
  readonly reader: DefinitionsReader;
  readonly admin: TopicAdmin;
  readonly producer: Producer;
  /** Whose records the reader is given. */
  readonly consumer: Pick<Consumer, 'broadcastPosition'>;
  readonly clock: Clock;
  readonly tenure: Tenure;
}

/** How often is looked whether the topic was read, if nothing comes from it. */
const lookEveryMs = 100;

/**
 * Reads `troupe.definitions` to its end and adds those of `sagas` that are not there. Rejects with `DefinitionError`
 * (`definition-conflict`) when a version of one has another content there, and with `Interrupted` when the tenure
 * begins to end.
 */
export async function publishDefinitions(publishing: DefinitionsPublishing): Promise<void> {
  const { sagas, reader, producer } = publishing;
  await readToEnd(publishing);
  assertNoConflict(publishing);
  const missing = sagas.filter((graph) => reader.referenceOf(graph) === undefined);
  if (missing.length === 0) return;
  await producer.send(missing.map(writeDefinition));
  // Another service may have published at the same moment: the first in the topic counts.
  await readToEnd(publishing);
  assertNoConflict(publishing);
}

async function readToEnd({
  reader,
  admin,
  consumer,
  clock,
  tenure,
}: DefinitionsPublishing): Promise<void> {
  const { definitions } = internalTopics;
  const partitions = (await admin.partitionCounts([definitions])).get(definitions) ?? 1;
  for (let partition = 0; partition < partitions; partition += 1) {
    const ends = await admin.endOffsets([definitions], partition, 'read-committed');
    const end = ends.get(definitions) ?? 0n;
    // Also past what nobody is given: markers, aborted records, gaps of compaction.
    while (consumer.broadcastPosition(definitions, partition) < end) {
      await reader.nextChange(tenure, clock, lookEveryMs);
    }
  }
}

function assertNoConflict({ service, sagas, reader }: DefinitionsPublishing): void {
  const faults = sagas.flatMap((graph) => {
    const known = reader.referenceOf(graph);
    const own = sagaRef(graph);
    return known === undefined || known === own
      ? []
      : [
          `saga ${graph.name} version ${graph.version} is known as ${known}, this service has ${own}: give the changed saga a new version, or deploy the contracts that the others have`,
        ];
  });
  if (faults.length === 0) return;
  throw new DefinitionError(`service ${service}`, faults, { code: 'definition-conflict' });
}
