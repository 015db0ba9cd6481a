import { expect, test } from 'vitest';
import { sagaNews } from './saga-news.ts';

const about = { saga: 'place-order@1#aaaaaaaa', sagaId: 's' } as const;
const forgotten = { type: 'saga-forgotten', atMs: 0 } as const;

test('rule 12: people hear of outcomes whose start never came, and not that an end marker went', () => {
  expect(sagaNews(about, [{ ...forgotten, reason: 'never-started' }])).toEqual([
    {
      level: 'warn',
      message: 'outcomes are forgotten: the start of their saga did not come',
      fields: about,
    },
  ]);
  expect(sagaNews(about, [{ ...forgotten, reason: 'ended' }])).toEqual([]);
});
