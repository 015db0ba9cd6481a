import {
  type ArrivedInput,
  defaultSagaLimits,
  type SagaEvent,
  type SagaLimits,
  sagaRef,
  stepNamed,
} from '@troupe/core/internal';
import { sagaEventText } from '../saga-script/saga-event-text.ts';
import { CoordinatorModel } from './coordinator-model.ts';
import { BrokenInvariant, EffectLedger } from './effect-ledger.ts';
import { otherVersion } from './other-version.ts';
import { type Order, Participants } from './participants.ts';
import { SeededChoice } from './seeded-choice.ts';
import type { WorldPlan } from './world-plan.ts';

/** How it all ended. */
export interface WorldEnd {
  readonly phase: 'completed' | 'compensated' | 'stuck';
  readonly coordinator: CoordinatorModel;
  readonly ledger: EffectLedger;
  readonly participants: Participants;
  /** Each input once, in the order in which they were first read. */
  readonly inputs: readonly ArrivedInput[];
  readonly story: readonly string[];
}

const limits: SagaLimits = { ...defaultSagaLimits, retriesMax: 4 };
const actionsMax = 5_000;
const duplicatesMax = 40;
const hurriesMax = 4;
/** Twice the time limit of a step: another one may have passed meanwhile. */
const lagMsMax = 20_000;

type Delivery =
  | { readonly input: ArrivedInput }
  /** `overdue`: it was held back long enough. */
  | { readonly order: Order; readonly overdue: boolean };

interface Held {
  readonly order: Order;
  readonly untilMs: number;
}

/**
 * One saga among its participants and one coordinator: whatever was sent and not yet delivered lies in a bag, and comes
 * out in any order, some of it twice. The rules are the real ones; participants, logs and time are models.
 */
export class SagaWorld {
  readonly #plan: WorldPlan;
  readonly #choice: SeededChoice;
  readonly #ledger: EffectLedger;
  readonly #participants: Participants;
  readonly #coordinator: CoordinatorModel;
  readonly #inputs = new Map<string, ArrivedInput>();
  readonly #story: string[] = [];
  #bag: Delivery[] = [];
  /** Triggers that their participant does not get to yet. */
  #held: Held[] = [];
  #nowMs = 1_000_000;
  /** Time has passed until then, as far as the coordinator knows. */
  #knownUntilMs = 0;
  #duplicates = 0;
  #hurries = 0;

  private constructor(plan: WorldPlan) {
    const { graph, behaviours, seed } = plan;
    this.#plan = plan;
    this.#choice = new SeededChoice(seed);
    this.#ledger = new EffectLedger(graph);
    this.#participants = new Participants(graph, behaviours, this.#ledger);
    this.#coordinator = new CoordinatorModel([graph, otherVersion(graph)], limits);
  }

  /** Runs a world until nothing happens in it any more. Throws `BrokenInvariant` with the story so far. */
  static run(plan: WorldPlan): WorldEnd {
    const world = new SagaWorld(plan);
    try {
      return world.#run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new BrokenInvariant(`${message}\n  ${world.#story.join('\n  ')}`, { cause: error });
    }
  }

  #run(): WorldEnd {
    this.#start();
    for (let actions = 0; this.#act(); actions += 1) {
      if (actions > actionsMax) throw new BrokenInvariant('I1: it does not come to an end');
    }
    return this.#end();
  }

  #start(): void {
    const { graph, stamped, rough } = this.#plan;
    const common = { saga: sagaRef(graph), sagaId: 'saga-1' };
    const eventId = 'start';
    this.#append({ kind: 'started', ...common, eventId, stamped, atMs: this.#nowMs });
    if (stamped) this.#trigger(undefined, 'succeeded', eventId);
    if (!rough) return;
    const saga = sagaRef(otherVersion(graph));
    const atMs = this.#nowMs;
    const strangers: ArrivedInput[] = [
      { kind: 'started', ...common, eventId: 'start-2', stamped, atMs },
      { kind: 'unexpected', ...common, type: 'test.Unknown', eventId: 'stranger', atMs },
      { kind: 'succeeded', ...common, step: 'nobody', eventId: 'nobody-succeeded', atMs },
      { kind: 'unexpected', ...common, saga, type: 'test.Unknown', eventId: 'stranger', atMs },
    ];
    const [first] = graph.steps;
    if (first !== undefined) {
      const eventId = 'stranger-succeeded';
      strangers.push({ kind: 'succeeded', ...common, saga, step: first.name, eventId, atMs });
    }
    for (const stranger of strangers) if (this.#choice.chance(0.1)) this.#append(stranger);
  }

  /** One thing happens. False when there is nothing left that could. */
  #act(): boolean {
    this.#nowMs += 1;
    const roll = this.#choice.fraction();
    if (this.#coordinator.hasUncommitted) {
      if (roll < 0.05) return this.#crash();
      if (roll < 0.3 || this.#bag.length === 0) return this.#commit();
    }
    const isHurried = this.#plan.rough && roll > 0.98 && this.#hurries < hurriesMax;
    if (isHurried && this.#passTime()) {
      this.#hurries += 1;
      return true;
    }
    return (
      this.#deliver() ||
      this.#release(({ untilMs }) => untilMs <= this.#nowMs) ||
      this.#passTime() ||
      this.#release(() => true)
    );
  }

  #deliver(): boolean {
    const [delivery] = this.#bag.splice(this.#choice.below(this.#bag.length), 1);
    if (delivery === undefined) return false;
    if (this.#duplicates < duplicatesMax && this.#choice.chance(0.15)) {
      this.#duplicates += 1;
      this.#bag.push(delivery);
    }
    if ('input' in delivery) this.#read(delivery.input);
    else if (delivery.overdue || !this.#hold(delivery.order)) this.#handle(delivery.order);
    return true;
  }

  #read(input: ArrivedInput): void {
    const key = `${input.saga} ${input.eventId}`;
    if (!this.#inputs.has(key)) this.#inputs.set(key, input);
    this.#decided(`reads ${input.eventId}`, this.#coordinator.read(input, this.#nowMs));
  }

  /**
   * Time moves on to the next time limit, and where it is rough beyond it: the coordinator may hear of that late. It lets
   * time pass only as far as everything that was appended until then was read (rule 11).
   */
  #passTime(): boolean {
    for (;;) {
      const { nextTimerAtMs, isEnded } = this.#coordinator;
      if (nextTimerAtMs === undefined || isEnded) return false;
      const dueMs = Math.max(nextTimerAtMs, this.#knownUntilMs);
      const lagMs = this.#plan.rough ? this.#choice.below(2) * this.#choice.below(lagMsMax) : 0;
      this.#nowMs = Math.max(this.#nowMs, dueMs) + lagMs;
      this.#knownUntilMs = dueMs + this.#choice.below(this.#nowMs - dueMs + 1);
      // What is read may be what was due: then the next one is.
      if (!this.#readUntil(this.#knownUntilMs)) break;
    }
    const events = this.#coordinator.passTime(this.#knownUntilMs, this.#nowMs);
    if (events.length === 0)
      throw new BrokenInvariant('a time limit passed and nothing became of it');
    this.#decided(`hears that time passed until ${this.#knownUntilMs}`, events);
    return true;
  }

  /** Reads what was appended until then, and perhaps more. False: there was nothing. */
  #readUntil(untilMs: number): boolean {
    const unread = this.#bag.filter((one) => 'input' in one);
    const read = unread.filter(({ input }) => input.atMs <= untilMs || this.#choice.chance(0.5));
    this.#bag = this.#bag.filter((one) => !read.some((other) => other === one));
    for (const { input } of this.#choice.shuffled(read)) this.#read(input);
    return read.length > 0;
  }

  #decided(what: string, events: readonly SagaEvent[]): void {
    this.#tell(`coordinator ${what}`, events.map(sagaEventText));
    if (!events.some(({ type }) => type === 'saga-compensated')) return;
    const running = this.#plan.graph.steps.find(({ name }) => this.#mayStillRun(name));
    if (running !== undefined) {
      throw new BrokenInvariant(`I3: compensated while ${running.name} may still run`);
    }
  }

  #commit(): boolean {
    const orders = this.#coordinator.commit();
    this.#bag.push(...orders.map((order) => ({ order, overdue: false })));
    return true;
  }

  #crash(): boolean {
    const inputs = this.#coordinator.crash();
    this.#bag.push(...inputs.map((input) => ({ input })));
    this.#tell('coordinator crashes', []);
    return true;
  }

  #handle(order: Order): void {
    const { step } = order;
    const wasDone = this.#ledger.isDone(step);
    const outcome = this.#participants.handle(order, (below) => this.#mayStillRun(below));
    this.#tell(`${step} is told to ${order.kind}`, [outcome.eventId]);
    if (!wasDone && this.#ledger.isDone(step) && this.#coordinator.isEnded) {
      throw new BrokenInvariant(`I3: ${step} happened after the end`);
    }
    this.#append({ ...outcome, atMs: this.#nowMs });
    if (outcome.kind === 'succeeded' || outcome.kind === 'rejected') {
      this.#trigger(step, outcome.kind, outcome.eventId);
    }
    // Whoever was silent hears its triggers after all, and finds that the step is settled.
    if (order.kind !== 'execute') this.#release((held) => held.order.step === step);
  }

  /** A late or silent participant does not get to what triggers its step, unless the step is settled already. */
  #hold(order: Order): boolean {
    if (order.kind !== 'execute' || this.#participants.isSettled(order.step)) return false;
    const { hears } = this.#plan.behaviours.get(order.step) ?? { hears: 'promptly' };
    if (hears === 'promptly') return false;
    const limitMs = stepNamed(this.#plan.graph, order.step)?.timeoutMs ?? 0;
    const untilMs = hears === 'late' ? this.#nowMs + limitMs : Number.POSITIVE_INFINITY;
    this.#held.push({ order, untilMs });
    return true;
  }

  #release(isDue: (held: Held) => boolean): boolean {
    const due = this.#held.filter(isDue);
    this.#held = this.#held.filter((held) => !isDue(held));
    this.#bag.push(...due.map(({ order }) => ({ order, overdue: true })));
    return due.length > 0;
  }

  #append(input: ArrivedInput): void {
    this.#bag.push({ input });
  }

  /** The event reaches the participants of the steps that it triggers by itself (rule 2). */
  #trigger(upstream: string | undefined, outcome: string, eventId: string): void {
    for (const { name: step, dependencies } of this.#plan.graph.steps) {
      const [only, ...others] = dependencies;
      if (only === undefined || others.length > 0) continue;
      if (only.step !== upstream || only.outcome !== outcome) continue;
      const order: Order = { kind: 'execute', step, cause: eventId, inputs: [only.name] };
      this.#bag.push({ order, overdue: false });
    }
  }

  /** It was triggered, and nobody made sure yet that this leads to nothing. */
  #mayStillRun(step: string): boolean {
    if (this.#participants.isSettled(step)) return false;
    return [...this.#bag, ...this.#held].some(
      (one) => 'order' in one && one.order.kind === 'execute' && one.order.step === step,
    );
  }

  #end(): WorldEnd {
    const { progress } = this.#coordinator;
    if (progress === undefined || progress.phase === 'awaited') {
      throw new BrokenInvariant('I1: its start was sent, and there is no saga');
    }
    if (progress.phase === 'running' && progress.stuck === undefined) {
      throw new BrokenInvariant('I1: it waits for nothing, and does not say that it is stuck');
    }
    return {
      phase: progress.phase === 'running' ? 'stuck' : progress.phase,
      coordinator: this.#coordinator,
      ledger: this.#ledger,
      participants: this.#participants,
      inputs: [...this.#inputs.values()],
      story: this.#story,
    };
  }

  #tell(what: string, consequences: readonly string[]): void {
    this.#story.push(`${this.#nowMs} ${what}: ${consequences.join(', ') || 'nothing'}`);
  }
}
