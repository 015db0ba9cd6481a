import { DefinitionError, TerminalError } from '../errors/error-kinds.ts';
import { type AnyEventClass, Event } from './event.ts';
import { eventKeyDescription, isEventKey } from './event-key.ts';
import { namespaceOf, shortName, typeNameFault } from './schema/avro-name.ts';
import { type Check, compileFieldCheck, compileFill } from './schema/payload-check.ts';
import { describeValue, mismatch, PayloadMismatch } from './schema/payload-mismatch.ts';
import { schemaFaults } from './schema/schema-faults.ts';
import type { FieldNode, RecordNode } from './schema/schema-node.ts';
import { writeAvro } from './schema/write-avro.ts';

const schemas = new WeakMap<object, RecordNode>();

/** The tree of an event class's schema; undefined for what is no event class. */
export function schemaOf(eventClass: object): RecordNode | undefined {
  // A subclass has the schema of what it extends.
  for (let c: object | null = eventClass; c !== null; c = Object.getPrototypeOf(c)) {
    const schema = schemas.get(c);
    if (schema !== undefined) return schema;
  }
  return undefined;
}

/** Whether `value` is a class that `defineEvent` or `fromAvro` made, or one that extends it. */
export function isEventClass(value: unknown): value is AnyEventClass {
  return typeof value === 'function' && schemaOf(value) !== undefined;
}

export interface EventDefinition {
  readonly record: RecordNode;
  readonly topic: string | undefined;
  /** Why no field is the key, where the definition knows better. */
  readonly keyFault?: string | undefined;
}

/** Checks a record and makes the class that its events extend. Throws `DefinitionError` with every fault. */
export function makeEventClass(definition: EventDefinition): new (draft: never) => Event {
  const { record, keyFault } = definition;
  const { name, fields } = record;
  const topic = definition.topic ?? namespaceOf(name);
  const faults = [
    ...schemaFaults(record),
    ...nameFaults(name),
    ...topicFaults(topic, name),
    ...(keyFault === undefined ? keyFaults(fields) : [keyFault]),
  ];
  if (faults.length > 0) throw new DefinitionError(`event ${describeName(name)}`, faults);

  const key = fields.find((field) => field.key)?.name;
  const fill = compileFill(fields, `event ${name}`, (field) =>
    field.key ? keyCheck(compileFieldCheck(field)) : compileFieldCheck(field),
  );

  class DefinedEvent extends Event {
    constructor(draft: never) {
      super();
      if (typeof draft !== 'object' || draft === null)
        throw refused(name, mismatch('an object with the fields of the event', draft));
      try {
        // Its own fields are all that an event has; the class cannot say so because it learns them here.
        fill(this as unknown as Record<string, unknown>, draft);
      } catch (error) {
        throw refused(name, error);
      }
    }
  }
  // Written by name: hidden from printing and copying, and the class is called what its events are.
  Object.defineProperties(DefinedEvent, {
    name: { value: shortName(name), configurable: true },
    eventName: { value: name },
    topic: { value: topic },
    key: { value: key },
    instantiate: { value: instantiate },
    avro: { value: deepFreeze(writeAvro(record)) },
  });
  schemas.set(DefinedEvent, record);
  return DefinedEvent;
}

function instantiate(this: { readonly prototype: object }, data: object): object {
  return Object.assign(Object.create(this.prototype), data);
}

function nameFaults(name: string): string[] {
  return typeNameFault(name) !== undefined || name.includes('.')
    ? []
    : [
        `the name has no namespace: write 'shop.${name}', the part before the last dot is the topic`,
      ];
}

const topicForm = /^[A-Za-z0-9._-]{1,249}$/;

function topicFaults(topic: unknown, name: string): string[] {
  // Without a namespace there is no topic either; one fault says it.
  if (topic === '' && !name.includes('.')) return [];
  return typeof topic === 'string' && topicForm.test(topic) && topic !== '.' && topic !== '..'
    ? []
    : [`${describeValue(topic)} is no Kafka topic: 1 to 249 letters, digits, '.', '_' and '-'`];
}

function keyFaults(fields: readonly FieldNode[]): string[] {
  const keys = fields.filter((field) => field.key);
  if (keys.length === 0) {
    return [
      'no field holds the saga id: mark one with .key(), as in { orderId: t.string().key() }',
    ];
  }
  const faults = keys
    .filter(({ type }) => type.kind !== 'string' && type.kind !== 'uuid' && type.kind !== 'invalid')
    .map(({ name, type }) => `${name}: the key has to be a string or a uuid, it is ${type.kind}`);
  return keys.length === 1
    ? faults
    : [...faults, `more than one field is the key: ${keys.map(({ name }) => name).join(', ')}`];
}

function keyCheck(check: Check): Check {
  return (value) => {
    const text = check(value);
    if (typeof text !== 'string' || !isEventKey(text)) throw mismatch(eventKeyDescription, value);
    return text;
  };
}

function refused(event: string, error: unknown): unknown {
  if (!(error instanceof PayloadMismatch)) return error;
  const { path, message, expected, got } = error;
  return new TerminalError(`${event}: ${path === '' ? '' : `${path}: `}${message}`, {
    code: 'payload-invalid',
    details: { event, path, expected, got },
    cause: error,
  });
}

function describeName(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}...` : name;
}

function deepFreeze<T>(json: T): T {
  if (typeof json === 'object' && json !== null && !Object.isFrozen(json)) {
    Object.freeze(json);
    for (const part of Object.values(json)) deepFreeze(part);
  }
  return json;
}
