import { implement, type StepHandler } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import type { Cast } from './cast.ts';
import {
  file,
  LetterFiled,
  LetterPosted,
  LetterStamped,
  postBefore,
  postNow,
  stamp,
} from './letter-saga.ts';

export const stampHandler = (cast: Cast, inbox: SqliteInbox): StepHandler =>
  implement(stamp, {
    execute: (input, ctx) => {
      const done = () => new LetterStamped({ id: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'stamp', input, done });
    },
  });

export const postBeforeHandler = (cast: Cast, inbox: SqliteInbox): StepHandler =>
  implement(postBefore, {
    execute: (input, ctx) => {
      const done = () => new LetterPosted({ id: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'post', input, done });
    },
  });

export const postNowHandler = (cast: Cast, inbox: SqliteInbox): StepHandler =>
  implement(postNow, {
    execute: (input, ctx) => {
      const done = () => new LetterPosted({ id: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'post', input, done });
    },
  });

export const fileHandler = (cast: Cast, inbox: SqliteInbox): StepHandler =>
  implement(file, {
    execute: (input, ctx) => {
      const done = () => new LetterFiled({ id: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'file', input, done });
    },
  });
