import type { ErrorCode } from '@troupe/core';
import type {
  Admission,
  ArrivedInput,
  MessageHeaders,
  SagaGraph,
  SagaRef,
} from '@troupe/core/internal';

/** What a record of an input topic is to the coordinator. */
export type Interpretation =
  | {
      readonly kind: 'input';
      readonly graph: SagaGraph;
      readonly input: ArrivedInput;
      readonly headers: MessageHeaders;
    }
  /** No part of any saga: other people's events share these topics. */
  | { readonly kind: 'foreign' }
  /** It is part of a saga whose definition is not in use, or not yet. */
  | { readonly kind: 'unknown-definition'; readonly saga: SagaRef }
  /** It claims to be part of a saga, but cannot be understood. */
  | { readonly kind: 'unreadable'; readonly code: ErrorCode; readonly fault: string };

/** A record that names a saga whose definition is in use. */
export type Member = Extract<Admission, { readonly kind: 'member' }>;

export function inputOf(
  { definition: graph, headers }: Pick<Member, 'definition' | 'headers'>,
  input: ArrivedInput,
): Interpretation {
  return { kind: 'input', graph, input, headers };
}
