import type { StepContent, StepDependency } from '../step-content.ts';

/** The outcomes of other steps that all have to come about before a step can run. */
export type Requirements = ReadonlyMap<StepContent, ReadonlySet<StepDependency['outcome']>>;

/** What follows from the edges between steps as values, before it is known that their names are sound. */
export class StepRelations {
  readonly steps: readonly StepContent[];
  /** Steps whose rejection some listed step depends on. */
  readonly handled: ReadonlySet<StepContent>;
  readonly #ancestors = new Map<StepContent, ReadonlySet<StepContent>>();
  readonly #required = new Map<StepContent, Requirements>();
  readonly #followers = {
    succeeded: new Map<StepContent, Map<StepContent, boolean>>(),
    rejected: new Map<StepContent, Map<StepContent, boolean>>(),
  };
  readonly #mayBeSkipped = new Map<StepContent, boolean>();

  constructor(steps: readonly StepContent[]) {
    this.steps = steps;
    this.handled = new Set(
      steps.flatMap(({ dependencies }) =>
        dependencies.flatMap(({ step, outcome }) =>
          step !== undefined && outcome === 'rejected' ? [step] : [],
        ),
      ),
    );
  }

  /** Everything that a step depends on, directly or through others. */
  ancestors(step: StepContent): ReadonlySet<StepContent> {
    return memo(this.#ancestors, step, () => {
      const all = new Set<StepContent>();
      for (const { step: upstream } of step.dependencies) {
        if (upstream === undefined) continue;
        all.add(upstream);
        for (const further of this.ancestors(upstream)) all.add(further);
      }
      return all;
    });
  }

  /** Whether a way leads from that outcome of `earlier` to `later`. */
  follows(later: StepContent, earlier: StepContent, outcome: StepDependency['outcome']): boolean {
    const ways = memo(this.#followers[outcome], earlier, () => new Map<StepContent, boolean>());
    return memo(ways, later, () =>
      later.dependencies.some(({ step, outcome: needed }) =>
        step === earlier
          ? needed === outcome
          : step !== undefined && this.follows(step, earlier, outcome),
      ),
    );
  }

  /** What must have happened when a step runs. */
  required(step: StepContent): Requirements {
    return memo(this.#required, step, () => {
      const all = new Map<StepContent, Set<StepDependency['outcome']>>();
      const add = (of: StepContent, outcome: StepDependency['outcome']) =>
        all.set(of, (all.get(of) ?? new Set()).add(outcome));
      for (const { step: upstream, outcome, need } of step.dependencies) {
        if (upstream === undefined || need === 'optional') continue;
        add(upstream, outcome);
        for (const [further, outcomes] of this.required(upstream)) {
          for (const each of outcomes) add(further, each);
        }
      }
      return all;
    });
  }

  /** Whether two steps never run in one saga: one needs the success of what the other needs the refusal of. */
  exclude(a: StepContent, b: StepContent): boolean {
    const ofB = this.required(b);
    for (const [step, outcomes] of this.required(a)) {
      for (const outcome of ofB.get(step) ?? []) {
        if (!outcomes.has(outcome)) return true;
      }
    }
    return false;
  }

  /** Whether a step may end skipped in a saga that nothing dooms. Errs on the side of yes. */
  mayBeSkipped(step: StepContent): boolean {
    return memo(this.#mayBeSkipped, step, () => {
      if (step.when !== undefined) return true;
      const needed = step.dependencies.filter(({ need }) => need !== 'optional');
      return needed.length > 0
        ? needed.some((dependency) => this.mayBeMissed(dependency))
        : step.dependencies.every((dependency) => this.mayBeMissed(dependency));
    });
  }

  /** Whether a dependency may end otherwise than it says, in a saga that nothing dooms. */
  mayBeMissed({ step }: StepDependency): boolean {
    // A rejection that is waited for is handled, so that its step may end either way.
    return step !== undefined && (this.handled.has(step) || this.mayBeSkipped(step));
  }
}

function memo<Key, Value>(known: Map<Key, Value>, key: Key, compute: () => Value): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = compute();
  known.set(key, value);
  return value;
}
