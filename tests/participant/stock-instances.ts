import type { Problem, Service } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import type { MemoryTransport } from '@troupe/core/memory';
import { type Database, DatabaseInbox } from './database-inbox.ts';
import { stockIn } from './handlers.ts';
import type { ParticipantWorld } from './participant-world.ts';

export const dayMs = 24 * 60 * 60_000;
export const limits = {
  inboxRetentionMs: 30 * dayMs,
  announceEveryMs: dayMs,
  inboxPruneEveryMs: dayMs,
};
export const { participants } = internalTopics;

/** An instance of the service `stock`, and the transport by which it can be killed. */
export interface Instance {
  readonly service: Service;
  readonly transport: MemoryTransport;
}

export async function startOn(
  world: ParticipantWorld,
  database: Database,
  transport = world.transport(),
): Promise<Instance> {
  const inbox = new DatabaseInbox(database);
  const service = await world.started({ transport, inbox, limits, handlers: [stockIn(inbox)] });
  return { service, transport };
}

export const effectsOf = ({ service }: Instance): string => service.health().effects;

export const unshared = ({ service }: Instance): readonly Problem[] =>
  service.health().problems.filter(({ code }) => code === 'effects-not-shared');

export function becomes(
  world: ParticipantWorld,
  instance: Instance,
  effects: string,
): Promise<void> {
  return world.until(`its effects are ${effects}`, () => effectsOf(instance) === effects);
}

/** The announcements that are left on the topic after compaction, by key. */
export function announced(world: ParticipantWorld): readonly string[] {
  const kept = new Map<string, boolean>();
  for (const { key, record } of world.of(participants)) kept.set(key, record.value !== null);
  return [...kept].flatMap(([key, isKept]) => (isKept ? [key] : []));
}
