import type { EventRef } from '@troupe/core/internal';
import type { Payload } from './saga-entry.ts';

type KeptPayloads = ReadonlyMap<string, Payload>;

/**
 * The name under which a saga keeps the payload of an event. An event is known by its type and its id: ids are unique only
 * within a source, while a type stands for one thing in a saga.
 *
 * It is the id alone as long as no other type has that, so that every version finds what another one kept. Neither a type
 * nor an id has a line break.
 */
export function payloadName(
  kept: KeptPayloads,
  { type }: Pick<EventRef, 'type'>,
  eventId: string,
): string {
  const other = kept.get(eventId);
  return other === undefined || other.type === type ? eventId : bothNamed(type, eventId);
}

/** Undefined: it is not kept. */
export function payloadOf(
  kept: KeptPayloads,
  { type }: Pick<EventRef, 'type'>,
  eventId: string,
): Payload | undefined {
  const payload = kept.get(eventId);
  return payload?.type === type ? payload : kept.get(bothNamed(type, eventId));
}

function bothNamed(type: string, eventId: string): string {
  return `${type}\n${eventId}`;
}
