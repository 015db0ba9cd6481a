import type { Claim, Transport } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';

export interface Recording {
  readonly transport: Transport;
  /** What was done about one partition number, in order; what was done several times in a row is there once. */
  story(partition: number): readonly string[];
}

/** A transport of which one can tell in what order a coordinator uses it. */
export function recording(transport: Transport): Recording {
  const stories = new Map<number, string[]>();
  const note = (partition: number, deed: string) => {
    const story = stories.get(partition) ?? [];
    stories.set(partition, story);
    if (story.at(-1) !== deed) story.push(deed);
  };
  const noted = (claim: Claim): Claim =>
    portWith(claim, {
      resume: (topics) => {
        note(claim.partition, `resume ${kindOf(topics[0])}`);
        claim.resume(topics);
      },
      seek: (topic, offset) => {
        note(claim.partition, `seek ${topic} ${offset}`);
        claim.seek(topic, offset);
      },
    });
  return {
    story: (partition) => stories.get(partition) ?? [],
    transport: portWith(transport, {
      openTransactionalProducer: async (id) => {
        const producer = await transport.openTransactionalProducer(id);
        const partition = Number(id.slice(id.lastIndexOf('.') + 1));
        note(partition, 'fence');
        return {
          close: () => producer.close(),
          commit: async (records) => {
            await producer.commit(records);
            const isBarrier = records.length === 1 && records[0]?.key === 'barrier';
            note(partition, isBarrier ? 'write the barrier' : 'commit');
          },
        };
      },
      subscribe: (subscription) =>
        transport.subscribe({
          ...subscription,
          onAssigned: (claim) => {
            const reader = subscription.onAssigned(noted(claim));
            return {
              onRevoked: () => reader.onRevoked(),
              onRecords: (records) => {
                note(claim.partition, `read ${kindOf(records[0]?.topic)}`);
                reader.onRecords(records);
              },
            };
          },
        }),
    }),
  };
}

function kindOf(topic: string | undefined): string {
  return topic === internalTopics.state ? 'the state' : 'the inputs';
}
