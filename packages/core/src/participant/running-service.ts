import type { AnyEventClass } from '../events/event.ts';
import { systemClock } from '../ports/system-clock.ts';
import type { Consumer } from '../ports/transport.ts';
import { internalEvents } from '../wire/internal-events.ts';
import { internalTopics } from '../wire/internal-topics.ts';
import { assembleParts, type ServicePlan } from './assemble-parts.ts';
import { publishDefinitions } from './definitions/publish-definitions.ts';
import { pruneInbox } from './effects/inbox/inbox-pruning.ts';
import type { InboxLease } from './inbox-lease.ts';
import { Intake } from './intake/intake.ts';
import { type Handled, sortRecord } from './intake/sort-record.ts';
import { processRecord } from './process-record.ts';
import type { ServiceHealthReport } from './service-health.ts';
import type { ServiceParts } from './service-parts.ts';
import { checkTopics } from './service-topics.ts';
import { InboxSharing } from './sharing/inbox-sharing.ts';
import { EndableTenure, Interrupted } from './waiting/tenure.ts';

/**
 * A service from its start to its stop.
 *
 * Owns the producer, the consumer, the intake and, while it has the lease, the inbox. Does not own the transport.
 *
 * Invariants
 * 1. Nothing is handled before the topics, the schemas and the saga definitions are known to fit.
 * 2. What was opened is closed in the reverse order, however far the start came.
 */
export class RunningService {
  readonly #plan: ServicePlan;
  readonly #lease: InboxLease;
  readonly #tenure = new EndableTenure();
  /** In the order of opening. */
  readonly #opened: (() => void | Promise<void>)[] = [];
  #isClosed = false;
  #parts: ServiceParts | undefined;
  #sharing: InboxSharing | undefined;
  #consumer: Consumer | undefined;

  constructor(plan: ServicePlan, lease: InboxLease) {
    this.#plan = plan;
    this.#lease = lease;
  }

  get parts(): ServiceParts | undefined {
    return this.#parts;
  }

  /** In its group, with what it needs to work. */
  get consuming(): boolean {
    return this.#consumer?.healthy ?? false;
  }

  /** Undefined: it did not come as far as to have one. */
  health(ready: boolean): ServiceHealthReport | undefined {
    return this.#parts?.health.report(ready, this.#sharing?.effects ?? 'at-least-once');
  }

  /** Rejects with what is in the way; then `close` releases what was opened. */
  async open(signal: AbortSignal): Promise<void> {
    const { name, options, topics, sagas, own } = this.#plan;
    const { transport, serde } = options;
    signal.addEventListener('abort', () => this.#tenure.beginEnding(), { once: true });
    await transport.check(signal);
    await checkTopics(name, topics, transport.topics);
    const classes = classesOf(this.#plan);
    await serde.prepare(classes, signal);
    signal.throwIfAborted();
    const producer = transport.createProducer();
    await this.#keep(() => this.#withinTime('producer', producer.close()));
    const parts = assembleParts(this.#plan, producer, new Set(classes), this.#tenure);
    this.#parts = parts;
    const closeInbox = await this.#lease.open(parts.inbox, signal);
    await this.#keep(() => this.#withinTime('inbox', closeInbox()));
    const intake = this.#intakeOf(parts);
    await this.#keep(() => intake.close());
    const sharing = new InboxSharing(parts, producer, this.#tenure);
    if (topics.broadcast.includes(internalTopics.participants)) this.#sharing = sharing;
    this.#consumer = await this.#subscribe(parts, intake);
    if (this.#sharing !== undefined) await this.#announce(this.#sharing);
    await publishDefinitions({
      service: name,
      sagas,
      reader: parts.definitions,
      admin: transport.topics,
      producer,
      consumer: this.#consumer,
      clock: parts.clock,
      tenure: this.#tenure,
    });
    signal.throwIfAborted();
    await this.#keep(pruneInbox(parts));
    intake.open(); // invariant 1
    parts.logger.info('started', {
      topics: topics.read,
      steps: own.steps.map((s) => s.name),
      instance: sharing.instance,
    });
  }

  async #announce(sharing: InboxSharing): Promise<void> {
    sharing.start();
    await this.#keep(() => this.#withinTime('announcement', sharing.stop()));
  }

  /** Ends what was begun within its limit, then closes everything. Rejects with the first error, after trying all. */
  async close(): Promise<void> {
    this.#tenure.beginEnding();
    this.#isClosed = true;
    const errors: unknown[] = [];
    for (let close = this.#opened.pop(); close !== undefined; close = this.#opened.pop()) {
      try {
        await close(); // invariant 2
      } catch (error) {
        errors.push(error);
      }
    }
    this.#tenure.end();
    if (errors.length > 0) throw errors[0];
  }

  /** What was opened is closed later, or at once when its opening took longer than anybody waited for it. */
  async #keep(close: () => void | Promise<void>): Promise<void> {
    if (this.#isClosed) {
      await close();
      throw new Interrupted();
    }
    this.#opened.push(close);
  }

  /** A handler that hangs in a transaction, or a broker that is away, must not keep a process from ending. */
  async #withinTime(what: string, closing: Promise<void>): Promise<void> {
    const { options, limits, name } = this.#plan;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = (options.clock ?? systemClock).after(limits.closeTimeoutMs, () => {
      const text = `the ${what} of service ${name} did not close in time: it is left to itself`;
      options.logger?.warn(text, { closeTimeoutMs: limits.closeTimeoutMs });
      resolve();
    });
    closing.then(resolve, reject);
    try {
      await promise;
    } finally {
      cancel();
    }
  }

  #intakeOf(parts: ServiceParts): Intake {
    const { limits, clock, definitions, checkpoint } = parts;
    const { own, topics } = this.#plan;
    const handled = handledBy(own);
    const sort = (record: Parameters<typeof sortRecord>[0]) =>
      sortRecord(record, handled, definitions);
    return new Intake({
      topics: topics.read,
      clock,
      drainTimeoutMs: limits.drainTimeoutMs,
      max: {
        buffered: { records: limits.bufferedRecordsMax, bytes: limits.bufferedBytesMax },
        parked: { records: limits.parkedRecordsMax, bytes: limits.parkedBytesMax },
      },
      sort,
      process: (record, tenure) => processRecord(parts, record, tenure, sort),
      checkpoint,
    });
  }

  async #subscribe(parts: ServiceParts, intake: Intake): Promise<Consumer> {
    const { definitions, health, limits, name } = parts;
    const consumer = await this.#plan.options.transport.subscribe({
      groupId: name,
      topics: this.#plan.topics.read,
      broadcast: this.#plan.topics.broadcast,
      isolation: 'read-committed',
      sessionTimeoutMs: limits.sessionTimeoutMs,
      onAssigned: (claim) => intake.take(claim),
      onBroadcast: (records) => {
        for (const [topic, ofTopic] of Map.groupBy(records, (record) => record.topic)) {
          if (topic === internalTopics.definitions) definitions.onRecords(ofTopic);
          else this.#sharing?.onRecords(ofTopic);
        }
      },
      onCrash: (error) =>
        health.begin('crashed', name, `the consumer ended: ${error.message}. Restart it.`, error),
    });
    await this.#keep(() => consumer.close());
    return consumer;
  }
}

function handledBy({ steps, events }: ServicePlan['own']): Handled {
  const triggers = steps.flatMap(({ triggeredBy }) => triggeredBy?.eventClass.eventName ?? []);
  return {
    eventHandlers: new Map(events.map((one) => [one.eventClass.eventName, one])),
    triggers: new Set(triggers),
    stepNames: new Set(steps.map(({ name }) => name)),
  };
}

/** Every class that this service reads or writes. */
function classesOf({ own, options }: ServicePlan): readonly AnyEventClass[] {
  const ofSteps = own.steps.flatMap((step) => [
    ...step.dependencies.map(({ eventClass }) => eventClass),
    step.emits,
    step.rejects,
    step.compensates,
  ]);
  const others = own.events.map(({ eventClass }) => eventClass);
  const starts = (options.sagas ?? []).map(({ startsOn }) => startsOn);
  const all = [...internalEvents, ...ofSteps, ...others, ...starts];
  return [...new Set(all)].filter((one) => one !== undefined);
}
