/** Enough to see what is wrong; the rest is counted. */
const shownMax = 20;

/** Owns what was found wrong. Keeps the first few, and counts the rest. */
export class FaultList {
  readonly #shown: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get shown(): readonly string[] {
    return this.#shown;
  }

  add(fault: string): void {
    this.#count += 1;
    if (this.#shown.length < shownMax) this.#shown.push(fault);
  }
}
