import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { SagaRef } from '../sagas/graph/saga-graph.ts';
import { admit } from './admit.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const known = new Map<SagaRef, string>([['place-order@1#9f86d081', 'the definition']]);
const admitted = (headers: Readonly<Record<string, string>>, key: string | null = '42') =>
  admit(
    Object.fromEntries(
      Object.entries({ ce_id: 'e', ce_type: 'a.B', ...headers }).map(([name, value]) => [
        name,
        bytes(value),
      ]),
    ),
    key === null ? null : bytes(key),
    known,
  );

describe('admit', () => {
  it('finds the definition of a record that names its saga', () => {
    expect(admitted({ ce_saga: 'place-order@1#9f86d081' })).toMatchObject({
      kind: 'member',
      saga: 'place-order@1#9f86d081',
      definition: 'the definition',
      headers: { correlationId: '42' },
    });
  });

  it('knows a version by its content, not by its number', () => {
    expect(admitted({ ce_saga: 'place-order@1#00000000' })).toMatchObject({
      kind: 'unknown-saga',
      saga: 'place-order@1#00000000',
    });
  });

  it('lets in what belongs to no saga', () => {
    expect(admitted({})).toMatchObject({ kind: 'outside', headers: { type: 'a.B' } });
  });

  it.each([
    ['no key', {}, null, /has no key/],
    ['another key', { ce_correlationid: '7' }, '42', /must be the same/],
    ['a malformed saga', { ce_saga: 'x' }, '42', /expected name@version#hash/],
  ])('refuses %s with a sentence', (_, headers, key, text) => {
    expect(admitted(headers, key)).toEqual({ kind: 'refused', fault: expect.stringMatching(text) });
  });
});
