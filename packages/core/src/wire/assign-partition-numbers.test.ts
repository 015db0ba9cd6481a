import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignPartitionNumbers, type GroupMember } from './assign-partition-numbers.ts';

const member = (id: string, topics: string[], owned: number[] = []): GroupMember => ({
  id,
  topics,
  owned,
});

const counts = (partitions: number, ...topics: string[]): ReadonlyMap<string, number> =>
  new Map(topics.map((topic) => [topic, partitions]));

describe('assignPartitionNumbers', () => {
  test('a member that lacks a topic of the group is given nothing', () => {
    const { numbers, topics } = assignPartitionNumbers(
      [member('old', ['a'], [0, 1, 2]), member('new', ['a', 'b'])],
      counts(3, 'a', 'b'),
    );
    expect(topics).toEqual(['a', 'b']);
    expect(numbers.get('old')).toEqual([]);
    expect(numbers.get('new')).toEqual([0, 1, 2]);
  });

  test('a member without topics does not hinder the others', () => {
    const { numbers } = assignPartitionNumbers(
      [member('a', ['t']), member('b', [])],
      counts(2, 't'),
    );
    expect(numbers.get('a')).toEqual([0, 1]);
    expect(numbers.get('b')).toEqual([]);
  });

  test('when nobody has all topics the largest set is served and the rest is named', () => {
    const members = [member('1', ['a', 'x']), member('2', ['a', 'y']), member('3', ['a', 'y'])];
    const { topics, unread, numbers } = assignPartitionNumbers(members, counts(4, 'a', 'x', 'y'));
    expect(topics).toEqual(['a', 'y']);
    expect(unread).toEqual(['x']);
    expect(numbers.get('1')).toEqual([]);
    expect([...(numbers.get('2') ?? []), ...(numbers.get('3') ?? [])].sort()).toEqual([0, 1, 2, 3]);
  });

  test('a newcomer takes no more than its share, the others keep what they had', () => {
    const { numbers } = assignPartitionNumbers(
      [member('1', ['t'], [0, 1, 2, 3, 4, 5]), member('2', ['t'])],
      counts(6, 't'),
    );
    expect(numbers.get('1')).toEqual([0, 1, 2]);
    expect(numbers.get('2')).toEqual([3, 4, 5]);
  });

  test('a balanced assignment is left alone', () => {
    const members = [member('b', ['t'], [1]), member('a', ['t'], [0, 2])];
    const { numbers } = assignPartitionNumbers(members, counts(3, 't'));
    expect(numbers.get('a')).toEqual([0, 2]);
    expect(numbers.get('b')).toEqual([1]);
  });

  test('a member whose topics have another partition count gets nothing, and harms nobody', () => {
    const members = [member('0', ['wide']), member('1', ['t'], [0]), member('2', ['t'], [1])];
    const { numbers, unread } = assignPartitionNumbers(
      members,
      new Map([...counts(2, 't'), ...counts(9, 'wide')]),
    );
    expect([...numbers]).toEqual([
      ['0', []],
      ['1', [0]],
      ['2', [1]],
    ]);
    expect(unread).toEqual(['wide']);
  });

  test('one against one, who holds partitions keeps them', () => {
    const members = [member('0', ['narrow']), member('1', ['t'], [0, 1])];
    const { numbers } = assignPartitionNumbers(
      members,
      new Map([...counts(2, 't'), ...counts(1, 'narrow')]),
    );
    expect(numbers.get('1')).toEqual([0, 1]);
    expect(numbers.get('0')).toEqual([]);
  });

  test('every number goes to exactly one member, in fair shares, in whatever order members come', () => {
    const owned = fc.uniqueArray(fc.integer({ min: 0, max: 40 }));
    fc.assert(
      fc.property(fc.array(owned, { minLength: 1, maxLength: 9 }), fc.nat(40), (held, count) => {
        const members = held.map((numbers, at) => member(`m${at}`, ['t'], numbers));
        const { numbers } = assignPartitionNumbers(members, counts(count, 't'));
        expect([...numbers.values()].flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, number) => number),
        );
        const sizes = [...numbers.values()].map((own) => own.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(assignPartitionNumbers([...members].reverse(), counts(count, 't')).numbers).toEqual(
          numbers,
        );
      }),
    );
  });
});
