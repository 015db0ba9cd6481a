/**
 * What went wrong, for machines: a closed list, so that a `switch` over it can be checked for completeness. People read
 * the message; code matches on this.
 */
export type ErrorCode =
  // definitions and configuration: found at start, nothing has happened yet
  | 'definition-invalid'
  | 'definition-unknown'
  | 'definition-conflict'
  | 'configuration-invalid'
  | 'topic-missing'
  | 'partition-count-mismatch'
  | 'schema-incompatible'
  // one attempt to handle something
  | 'retryable'
  | 'terminal'
  | 'not-done'
  | 'attempt-timed-out'
  | 'attempts-exhausted'
  | 'outcome-invalid'
  | 'payload-invalid'
  | 'limit-exceeded'
  // a record that cannot be understood
  | 'poison-message'
  | 'header-invalid'
  | 'schema-unknown'
  // the world outside
  | 'schema-unavailable'
  | 'store-unavailable'
  | 'transport-unavailable'
  | 'transport-failed'
  | 'producer-fenced'
  | 'message-too-large'
  | 'offset-out-of-range'
  | 'not-authorized'
  // life cycle
  | 'stopped'
  | 'timed-out'
  | 'not-found'
  | 'conflict';
