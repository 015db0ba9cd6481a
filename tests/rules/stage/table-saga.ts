import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';

/**
 * A saga with branches that meet again: a guest whom no table is left for is seated at the bar, and a cake is baked for
 * whoever asked for one. Nothing of it can fail for good.
 *
 *     TableAsked ─┬─ seat ─┬──────────────────── greet ─┬─ serve
 *                 │        └─ (rejected) ── bar ──┘     │
 *                 └─ bake (if asked for) ── light ──────┘
 */
const guest = t.string().key();
export class TableAsked extends defineEvent('rules.table.TableAsked', {
  guest,
  cake: t.boolean(),
}) {}
export class GuestSeated extends defineEvent('rules.table.GuestSeated', { guest }) {}
export class HouseFull extends defineEvent('rules.table.HouseFull', { guest }) {}
export class GuestAtBar extends defineEvent('rules.table.GuestAtBar', { guest }) {}
export class GuestGreeted extends defineEvent('rules.table.GuestGreeted', { guest }) {}
export class CakeBaked extends defineEvent('rules.table.CakeBaked', { guest }) {}
export class CandleLit extends defineEvent('rules.table.CandleLit', { guest }) {}
export class GuestServed extends defineEvent('rules.table.GuestServed', { guest }) {}

export const seat = defineStep('seat', {
  after: TableAsked,
  emits: GuestSeated,
  rejects: HouseFull,
});
export const bar = defineStep('bar', { after: seat.rejected, emits: GuestAtBar });
export const greet = defineStep('greet', {
  after: { seated: seat.optional, atBar: bar.optional },
  emits: GuestGreeted,
});
export const bake = defineStep('bake', {
  after: TableAsked,
  emits: CakeBaked,
  when: ({ cake }) => cake,
});
export const light = defineStep('light', { after: bake, emits: CandleLit });
export const serve = defineStep('serve', {
  after: { greeted: greet.required, candle: light.optional },
  emits: GuestServed,
});

export const serveGuest = defineSaga('serve-guest', {
  version: 1,
  startsOn: TableAsked,
  steps: [seat, bar, greet, bake, light, serve],
});
