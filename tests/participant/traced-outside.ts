import type { CheckpointHook, Producer, Serde, Transport } from '@troupe/core';
import { portWith } from '@troupe/testing/ports';
import type { DatabaseInbox } from './database-inbox.ts';

/** One thing that a participant passed or waited for. */
export interface Passed {
  readonly kind: 'checkpoint' | 'outside';
  readonly name: string;
}

/**
 * Wraps all that a participant has of the world outside, and writes down in which order it comes by what: a checkpoint,
 * or something outside that has just been done.
 */
export class TracedOutside {
  readonly passed: Passed[] = [];
  /** Switched on when the service has started: what it does at its start is no record's. */
  on = false;

  get hook(): CheckpointHook {
    return (at) => this.#pass({ kind: 'checkpoint', name: at });
  }

  inbox(inbox: DatabaseInbox): DatabaseInbox {
    const find = inbox.find.bind(inbox);
    const record = inbox.record.bind(inbox);
    inbox.find = (effectId) => this.#did('find', find(effectId));
    inbox.record = async (effectId, work) => this.#did('record', await record(effectId, work));
    return inbox;
  }

  serde(serde: Serde): Serde {
    return portWith(serde, {
      decode: async (framed, eventClass) => {
        try {
          return await serde.decode(framed, eventClass);
        } finally {
          this.#did('decode', undefined);
        }
      },
    });
  }

  /** What its producers send and its claims mark. */
  transport<T extends Transport>(transport: T): T {
    const createProducer = transport.createProducer.bind(transport);
    transport.createProducer = () => this.#producer(createProducer());
    const subscribe = transport.subscribe.bind(transport);
    transport.subscribe = (subscription) =>
      subscribe({
        ...subscription,
        onAssigned: (claim) => {
          const markDone = claim.markDone.bind(claim);
          claim.markDone = (topic, offset) => {
            markDone(topic, offset);
            this.#did('markDone', undefined);
          };
          return subscription.onAssigned(claim);
        },
      });
    return transport;
  }

  #producer(producer: Producer): Producer {
    return {
      send: async (records) => this.#did('send', await producer.send(records)),
      close: () => producer.close(),
    };
  }

  #did<T>(name: string, result: T): T {
    this.#pass({ kind: 'outside', name });
    return result;
  }

  #pass(passed: Passed): void {
    // Reading two values, one after the other, changes nothing between them.
    if (passed.name === 'decode' && this.passed.at(-1)?.name === 'decode') return;
    if (this.on) this.passed.push(passed);
  }
}
