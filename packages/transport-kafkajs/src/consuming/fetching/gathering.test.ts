import { describe, expect, it } from 'vitest';
import { Gathering } from './gathering.ts';

const gathering = () => new Gathering((topic) => (topic === 'lazy' ? 20 : 0));

describe('gathering', () => {
  it('leaves a topic out for its time after some of its records were delivered', () => {
    const topics = gathering();
    expect(topics.leftMs('lazy', 100)).toBe(0);
    topics.delivered('lazy', 1, 100);
    expect([topics.leftMs('lazy', 105), topics.leftMs('lazy', 120)]).toEqual([15, 0]);
  });

  it('never leaves out a topic that is in a hurry', () => {
    const topics = gathering();
    topics.delivered('urgent', 1, 100);
    expect(topics.leftMs('urgent', 100)).toBe(0);
  });

  it('does not hold up who has a backlog', () => {
    const topics = gathering();
    topics.delivered('lazy', 1, 100);
    topics.delivered('lazy', 200, 101);
    expect(topics.leftMs('lazy', 101)).toBe(0);
  });
});
