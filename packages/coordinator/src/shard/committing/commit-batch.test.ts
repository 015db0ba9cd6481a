import { expect, test } from 'vitest';
import { newEntry } from '../state/saga-entry.ts';
import { CommitBatch } from './commit-batch.ts';

const newBatch = () => new CommitBatch(0, () => undefined);

test('what is true only when committed is said once the batch is, and not when it failed', () => {
  const said: string[] = [];
  const [failed, committed] = [newBatch(), newBatch()];
  failed.whenCommitted(() => said.push('failed'));
  committed.whenCommitted(() => said.push('committed'));
  expect(said).toEqual([]);
  failed.settle(new Error('fenced'));
  committed.settle();
  expect(said).toEqual(['committed']);
});

test('the state of a saga counts once, by the most that it may have; it is measured when it is written', () => {
  const progress = {
    saga: 'place-order@1#aaaaaaaa',
    sagaId: 's',
    phase: 'running',
    sinceMs: 0,
    steps: {},
    deviations: 0,
  } as const;
  const entry = { ...newEntry('place-order', progress, {}), stateBytesMax: 100_000 };
  const batch = newBatch();
  batch.change(entry);
  batch.change(entry);
  expect(batch.bytes).toBe(100_000);
  const [state] = batch.records(new Map());
  expect(entry.stateBytesMax).toBe(state?.value?.length);
});
