import { DefinitionError } from '../errors/error-kinds.ts';
import type { TroupeTypeError } from '../errors/type-error.ts';
import type { EventClass } from './event.ts';
import type { Fields, NeedsKey, ReadFields, WriteFields } from './field.ts';
import { fieldNodes } from './field-builder.ts';
import { makeEventClass } from './make-event-class.ts';
import { describeValue } from './schema/payload-mismatch.ts';

export { type AnyEventClass, Event, type EventClass } from './event.ts';

export interface EventOptions {
  /** One sentence, kept in the schema: what is true from now on. */
  readonly doc?: string | undefined;
  /** Default: the name up to its last dot. */
  readonly topic?: string | undefined;
}

/** Resolves to an error that says so when the name has no namespace. */
export type NeedsNamespace<Name extends string> = Name extends `${string}.${string}`
  ? unknown
  : string extends Name
    ? unknown
    : TroupeTypeError<`'${Name}' has no namespace: write 'shop.${Name}', the part before the last dot is the topic`>;

/**
 * An event type. Throws `DefinitionError` with every fault.
 *
 * @example
 * class OrderPlaced extends defineEvent('shop.orders.OrderPlaced', { orderId: t.string().key() }) {}
 */
export function defineEvent<const Name extends string, F extends Fields>(
  name: Name & NeedsNamespace<Name>,
  fields: F & NeedsKey<F>,
  options: EventOptions = {},
): EventClass<Name, ReadFields<F>, WriteFields<F>> {
  if (typeof name !== 'string' || typeof fields !== 'object' || fields === null) {
    throw new DefinitionError('an event', [
      `defineEvent takes a name and fields, got ${describeValue(name)} and ${describeValue(fields)}`,
    ]);
  }
  const { doc, topic } = options;
  const nodes = fieldNodes(fields);
  const made = makeEventClass({ record: { kind: 'record', name, fields: nodes, doc }, topic });
  // The type-level fields and the nodes were built together by `t`; nothing can check it again here.
  return made as unknown as EventClass<Name, ReadFields<F>, WriteFields<F>>;
}
