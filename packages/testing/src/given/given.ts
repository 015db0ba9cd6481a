import { AssertionError } from 'node:assert';
import type { Event, Saga } from '@troupe/core';
import type { StepNamed, StepOutcome } from './step-outcome.ts';
import { tell } from './tell.ts';
import { runningSteps, storyText, type ToldSaga, untold } from './told-saga.ts';

export interface Given<StepName extends string> {
  /** Something more happens. What the saga does about it is what the `then`s look at. */
  when(...happened: readonly (Event | StepOutcome<StepName>)[]): Then<StepName>;
}

/** Each `then` looks at what became of the last `when`, and names all of it, in any order. */
export interface Then<StepName extends string> extends Given<StepName> {
  /** These steps begin: an event triggers them, or the coordinator asks for them. */
  thenRuns(...steps: readonly StepNamed<StepName>[]): Then<StepName>;
  /** The coordinator asks that these steps are undone. */
  thenCompensates(...steps: readonly StepNamed<StepName>[]): Then<StepName>;
  /** The coordinator asks that these steps, which may still run, do not. */
  thenCancels(...steps: readonly StepNamed<StepName>[]): Then<StepName>;
  /** Nothing begins, is undone or cancelled, and the saga neither ends nor gets stuck. */
  thenNothing(): Then<StepName>;
  /** That is how the saga stands now. */
  thenEnds(outcome: 'completed' | 'compensated' | 'stuck'): Then<StepName>;
}

/**
 * A test of a saga's definition, without any service: the real rules are told what happens. Takes events of one saga, and
 * `failed(step)`, `timedOut(step)` and so on. Throws an AssertionError that tells the story when a `then` does not hold.
 *
 * @example
 * given(placeOrder, new OrderPlaced(order), new StockReserved(stock))
 *   .when(new CardDeclined({ orderId, reason: 'no funds' }))
 *   .thenCompensates(reserveStock)
 */
export function given<StepName extends string>(
  saga: Saga<string, StepName>,
  ...history: readonly (Event | StepOutcome<NoInfer<StepName>>)[]
): Given<StepName> {
  const told = tell(untold(saga), history);
  return { when: (...happened) => new Telling(tell(told, happened), told) };
}

class Telling<StepName extends string> implements Then<StepName> {
  readonly #told: ToldSaga;
  readonly #before: ToldSaga;

  constructor(told: ToldSaga, before: ToldSaga) {
    this.#told = told;
    this.#before = before;
  }

  when(...happened: readonly (Event | StepOutcome<StepName>)[]): Then<StepName> {
    return new Telling(tell(this.#told, happened), this.#told);
  }

  thenRuns(...steps: readonly StepNamed<StepName>[]): Then<StepName> {
    return this.#expect(['run', 'runs'], namesOf(steps), this.#begun(), this.thenRuns);
  }

  thenCompensates(...steps: readonly StepNamed<StepName>[]): Then<StepName> {
    const undone = this.#asked('compensation-requested');
    const verbs = ['compensate', 'compensates'] as const;
    return this.#expect(verbs, namesOf(steps), undone, this.thenCompensates);
  }

  thenCancels(...steps: readonly StepNamed<StepName>[]): Then<StepName> {
    const cancelled = this.#asked('cancel-requested');
    return this.#expect(['cancel', 'cancels'], namesOf(steps), cancelled, this.thenCancels);
  }

  thenNothing(): Then<StepName> {
    const does = [
      ...this.#begun().map((step) => `runs ${step}`),
      ...this.#asked('compensation-requested').map((step) => `compensates ${step}`),
      ...this.#asked('cancel-requested').map((step) => `cancels ${step}`),
      ...(standing(this.#told) === standing(this.#before) ? [] : [`is ${standing(this.#told)}`]),
    ];
    return this.#expect(['do', ''], [], does, this.thenNothing);
  }

  thenEnds(outcome: 'completed' | 'compensated' | 'stuck'): Then<StepName> {
    return this.#expect(['be', 'is'], [outcome], [standing(this.#told)], this.thenEnds);
  }

  /** Steps that run and did not before, or that were asked for again. */
  #begun(): string[] {
    const before = runningSteps(this.#before);
    const requested = new Set(this.#asked('step-requested'));
    const running = [...runningSteps(this.#told)];
    return running.filter((step) => !before.has(step) || requested.has(step));
  }

  #asked(type: 'step-requested' | 'cancel-requested' | 'compensation-requested'): string[] {
    const steps = this.#told.news.flatMap((event) => (event.type === type ? [event.step] : []));
    return [...new Set(steps)];
  }

  /** `verbs`: as in `to run`, as in `it runs`. `then` is left out of the stack, so that it begins with the test. */
  #expect(
    [infinitive, present]: readonly [string, string],
    expected: readonly string[],
    actual: readonly string[],
    then: (...args: never[]) => unknown,
  ): this {
    const [should, is] = [[...expected].sort(), [...actual].sort()];
    if (should.join('\n') === is.join('\n')) return this;
    const { graph, story } = this.#told;
    const wanted = `expected it to ${infinitive} ${listText(should)}`;
    const found = `but it ${`${present} ${listText(is)}`.trim()}`;
    const message = `${graph.name}: ${wanted}, ${found}.\n\n${storyText(story)}`;
    throw new AssertionError({ message, actual: is, expected: should, stackStartFn: then });
  }
}

function standing({ progress }: ToldSaga): string {
  if (progress === undefined) return 'not started';
  return progress.phase === 'running' && progress.stuck !== undefined ? 'stuck' : progress.phase;
}

function namesOf(steps: readonly StepNamed<string>[]): string[] {
  return steps.map(({ name }) => name);
}

function listText(items: readonly string[]): string {
  return items.length === 0 ? 'nothing' : items.join(', ');
}
