/** What a schema may be at most. Beyond these something is wrong, and work on it would have no bound. */
export const schemaLimits = {
  /** Characters of an event's, a type's, a field's or a symbol's name. It travels in headers of 256 bytes. */
  nameLengthMax: 200,
  /** Types inside types. */
  depthMax: 32,
  /** Fields of one event, those of its records included. */
  fieldsMax: 2_000,
  symbolsMax: 5_000,
  /** Decimal digits. */
  decimalPrecisionMax: 1_000,
} as const;
