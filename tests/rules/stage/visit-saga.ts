import { defineEvent, defineSaga, defineStep, implement, t } from '@troupe/core';
import type { Cast } from './cast.ts';

/**
 * Implemented by a service that has no inbox.
 *
 *     VisitorCame ── greet-visitor ── take-coat ── admit-visitor (pivot)
 */
const visitor = t.string().key();
export class VisitorCame extends defineEvent('rules.visit.VisitorCame', { visitor }) {}
export class VisitorGreeted extends defineEvent('rules.visit.VisitorGreeted', { visitor }) {}
class GoodbyeSaid extends defineEvent('rules.visit.GoodbyeSaid', { visitor }) {}
class CoatTaken extends defineEvent('rules.visit.CoatTaken', { visitor }) {}
export class CoatReturned extends defineEvent('rules.visit.CoatReturned', { visitor }) {}
class VisitorAdmitted extends defineEvent('rules.visit.VisitorAdmitted', { visitor }) {}
class VisitorTurnedAway extends defineEvent('rules.visit.VisitorTurnedAway', { visitor }) {}

const greetVisitor = defineStep('greet-visitor', {
  after: VisitorCame,
  emits: VisitorGreeted,
  compensates: GoodbyeSaid,
});
const takeCoat = defineStep('take-coat', {
  after: greetVisitor,
  emits: CoatTaken,
  compensates: CoatReturned,
});
const admitVisitor = defineStep('admit-visitor', {
  after: takeCoat,
  emits: VisitorAdmitted,
  rejects: VisitorTurnedAway,
  pivot: true,
});

export const receiveVisitor = defineSaga('receive-visitor', {
  version: 1,
  startsOn: VisitorCame,
  steps: [greetVisitor, takeCoat, admitVisitor],
});

export const porterHandlers = (cast: Cast) => [
  implement(greetVisitor, {
    execute: (input, ctx) => {
      const done = () => new VisitorGreeted({ visitor: ctx.sagaId });
      return cast.perform(ctx, undefined, { part: 'greet-visitor', input, done });
    },
    compensate: (undone, ctx) => {
      const done = () => new GoodbyeSaid({ visitor: ctx.sagaId });
      return cast.perform(ctx, undefined, { part: 'undo greet-visitor', ...undone, done });
    },
  }),
  implement(takeCoat, {
    execute: (input, ctx) => {
      const done = () => new CoatTaken({ visitor: ctx.sagaId });
      return cast.perform(ctx, undefined, { part: 'take-coat', input, done });
    },
    compensate: (undone, ctx) => {
      const done = () => new CoatReturned({ visitor: ctx.sagaId });
      return cast.perform(ctx, undefined, { part: 'undo take-coat', ...undone, done });
    },
  }),
  implement(admitVisitor, {
    execute: (input, ctx) => {
      const done = () => new VisitorAdmitted({ visitor: ctx.sagaId });
      const refused = () => new VisitorTurnedAway({ visitor: ctx.sagaId });
      return cast.perform(ctx, undefined, { part: 'admit-visitor', input, done, refused });
    },
  }),
];
