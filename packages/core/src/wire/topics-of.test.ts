import { describe, expect, test } from 'vitest';
import { defineEvent } from '../events/define-event.ts';
import { t } from '../events/field-types.ts';
import { defineSaga } from '../sagas/definition/define-saga.ts';
import { defineStep } from '../sagas/definition/define-step.ts';
import { topicsOf } from './topics-of.ts';

const id = t.string().key();
class Placed extends defineEvent('shop.orders.Placed', { id }) {}
class Reserved extends defineEvent('shop.stock.Reserved', { id }) {}
class Rejected extends defineEvent('shop.refusals.Rejected', { id }) {}
class Released extends defineEvent('shop.stock.Released', { id }) {}
const reserve = defineStep('reserve', {
  after: Placed,
  emits: Reserved,
  rejects: Rejected,
  compensates: Released,
});
const dayMs = 24 * 60 * 60_000;
const saga = (timeoutMs?: number) =>
  defineSaga('place', { version: 1, startsOn: Placed, steps: [reserve], timeoutMs });

describe('topicsOf', () => {
  test('names each topic once, with the partition count of the installation', () => {
    const topics = topicsOf([saga(), saga()], ['stock', 'coordinator'], { partitions: 6 });
    const counts = topics.map(({ topic, partitions }) => [topic, partitions]);
    expect(Object.fromEntries(counts)).toEqual({
      'shop.orders': 6,
      'shop.stock': 6,
      'shop.refusals': 6,
      'stock.retry': 6,
      'stock.dead-letter': 6,
      'coordinator.retry': 6,
      'coordinator.dead-letter': 6,
      'troupe.requests': 6,
      'troupe.outcomes': 6,
      'troupe.commands': 6,
      'troupe.sagas': 6,
      'troupe.state': 6,
      'troupe.definitions': 1,
      'troupe.participants': 1,
    });
    expect(counts).toHaveLength(14);
  });

  test('state is compacted, events are kept for a week', () => {
    const topics = topicsOf([saga()], [], { partitions: 1, replicationFactor: 3 });
    const compacted = topics.filter(({ cleanup }) => cleanup === 'compact');
    expect(compacted.map(({ topic }) => topic)).toEqual([
      'troupe.state',
      'troupe.definitions',
      'troupe.participants',
    ]);
    const kept = topics.filter(({ cleanup }) => cleanup === 'delete');
    expect(new Set(kept.map(({ retentionMs }) => retentionMs))).toEqual(new Set([7 * dayMs]));
    expect(new Set(topics.map(({ replicationFactor }) => replicationFactor))).toEqual(new Set([3]));
  });

  test('a saga of ten days keeps its events for twenty', () => {
    const topics = topicsOf([saga(), saga(10 * dayMs)], [], { partitions: 1 });
    expect(topics.find(({ topic }) => topic === 'shop.orders')?.retentionMs).toBe(20 * dayMs);
  });
});
