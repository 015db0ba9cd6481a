/** A type that no value has. The compiler prints its argument, so that a type error reads as a sentence. */
export interface TroupeTypeError<Sentence extends string> {
  readonly '~error': Sentence;
}
