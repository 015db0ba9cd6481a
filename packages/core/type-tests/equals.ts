/** True exactly if two types are the same, which is more than being assignable in both directions. */
export type Equals<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where its argument is `true`. */
export const is = <_ extends true>(): void => undefined;
