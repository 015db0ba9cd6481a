import { graphRelations, type SagaGraph, stepNamed } from '@troupe/core/internal';

/** What really happened to the outside of one saga, as opposed to what anybody was told of it. */
export class EffectLedger {
  readonly #graph: SagaGraph;
  readonly #done = new Set<string>();
  /** Done by an attempt that then failed: the next attempt at the same effect finds it done. */
  readonly #doneInDoubt = new Set<string>();
  readonly #undone = new Set<string>();
  /** By step and by what was undone. */
  readonly #undoings = new Set<string>();

  constructor(graph: SagaGraph) {
    this.#graph = graph;
  }

  /** A step's effect. */
  do(step: string): void {
    const isNew = !this.#done.has(step) || this.#doneInDoubt.delete(step);
    if (!isNew) throw new BrokenInvariant(`I2: ${step} happened twice`);
    this.#done.add(step);
  }

  /** A step's effect, by an attempt that cannot tell that it happened. */
  doInDoubt(step: string): void {
    if (!this.#done.has(step)) this.#doneInDoubt.add(step);
    this.#done.add(step);
  }

  /**
   * A step is undone. `mayStillRun` says of another step that it has been triggered, and nobody has made sure that it
   * does not run any more.
   */
  undo(step: string, undoes: string, mayStillRun: (step: string) => boolean): void {
    const undoing = `${step} (${undoes})`;
    if (this.#undoings.has(undoing)) throw new BrokenInvariant(`I3: ${undoing} was undone twice`);
    this.#undoings.add(undoing);
    if (!this.#done.has(step)) return;
    if (this.#undone.has(step)) throw new BrokenInvariant(`I3: ${step} was undone twice`);
    const { pivot, descendants } = graphRelations(this.#graph);
    if (pivot !== undefined && this.#done.has(pivot.name)) {
      throw new BrokenInvariant(`I3: ${step} was undone although the pivot succeeded`);
    }
    for (const below of descendants.get(step) ?? []) {
      if (this.isLeft(below)) {
        throw new BrokenInvariant(`I3: ${step} was undone before ${below}, which depends on it`);
      }
      if (mayStillRun(below)) {
        throw new BrokenInvariant(`I3: ${step} was undone while ${below} may still run`);
      }
    }
    this.#undone.add(step);
  }

  isDone(step: string): boolean {
    return this.#done.has(step);
  }

  /** It happened, could be undone, and was not. */
  isLeft(step: string): boolean {
    const compensable = stepNamed(this.#graph, step)?.compensates !== undefined;
    return compensable && this.#done.has(step) && !this.#undone.has(step);
  }

  get undone(): readonly string[] {
    return [...this.#undone];
  }

  get left(): readonly string[] {
    return [...this.#done].filter((step) => this.isLeft(step));
  }
}

/** The property that does not hold, by the number of the invariant. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}
