import type { AvroJson } from './schema/avro-json.ts';

/**
 * What every event is. Its type's name is a getter on the prototype, not a field of the payload: it is not copied,
 * logged or sent, and to the compiler `{ ...event }` is not an event any more, which is how it is at run time too.
 */
export abstract class Event<out Name extends string = string> {
  get '~event'(): Name {
    // `Name` is what `defineEvent` was given for this very class.
    return eventClassOf(this).eventName as Name;
  }
}

/**
 * A contract: name, schema, key, topic. Extend it to get an event type. Its static members are not enumerable, so that
 * printing a class prints its name.
 */
export interface EventClass<out Name extends string, out Data extends object, in Draft> {
  /** Full name, as `shop.orders.OrderPlaced`. */
  readonly eventName: Name;
  readonly topic: string;
  /** The field that holds the saga id. */
  readonly key: string;
  /** The schema, frozen. The same fields always give the same JSON. */
  readonly avro: AvroJson;
  /**
   * An event of data that was decoded with this schema: nothing is checked, nothing is filled in, nothing is
   * copied but the fields themselves. For serdes; everybody else uses the constructor.
   */
  instantiate<E>(this: new (draft: never) => E, data: object): E;
  /** Makes one event: defaults are filled in; a value of the wrong kind is refused with its path (`payload-invalid`). */
  new (draft: Draft): Data & Event<Name>;
}

export type AnyEventClass = EventClass<string, object, never>;

/** The class of an event: what `new` was called on. */
export function eventClassOf(event: Event): AnyEventClass {
  // The one place where a constructor is taken for what the definition made it.
  return event.constructor as unknown as AnyEventClass;
}

/** The saga id that an event carries in its key field. */
export function eventKeyOf(event: Event): string {
  return String((event as Event & Readonly<Record<string, unknown>>)[eventClassOf(event).key]);
}
