import { expect, test } from 'vitest';
import { CommitBatch } from './commit-batch.ts';

test('what is true only when committed is said once the batch is, and not when it failed', () => {
  const said: string[] = [];
  const newBatch = () => new CommitBatch(0, () => undefined);
  const [failed, committed] = [newBatch(), newBatch()];
  failed.whenCommitted(() => said.push('failed'));
  committed.whenCommitted(() => said.push('committed'));
  expect(said).toEqual([]);
  failed.settle(new Error('fenced'));
  committed.settle();
  expect(said).toEqual(['committed']);
});
