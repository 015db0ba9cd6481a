import { implement } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import type { Cast } from './cast.ts';
import {
  bake,
  bar,
  CakeBaked,
  CandleLit,
  GuestAtBar,
  GuestGreeted,
  GuestSeated,
  GuestServed,
  greet,
  HouseFull,
  light,
  seat,
  serve,
} from './table-saga.ts';

export const houseHandlers = (cast: Cast, inbox: SqliteInbox) => [
  implement(seat, {
    execute: (input, ctx) => {
      const done = () => new GuestSeated({ guest: ctx.sagaId });
      const refused = () => new HouseFull({ guest: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'seat', input, done, refused });
    },
  }),
  implement(bar, {
    execute: (input, ctx) => {
      const done = () => new GuestAtBar({ guest: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'bar', input, done });
    },
  }),
  implement(greet, {
    execute: (input, ctx) => {
      const done = () => new GuestGreeted({ guest: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'greet', input, done });
    },
  }),
  implement(bake, {
    execute: (input, ctx) => {
      const done = () => new CakeBaked({ guest: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'bake', input, done });
    },
  }),
  implement(light, {
    execute: (input, ctx) => {
      const done = () => new CandleLit({ guest: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'light', input, done });
    },
  }),
  implement(serve, {
    execute: (input, ctx) => {
      const done = () => new GuestServed({ guest: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'serve', input, done });
    },
  }),
];
