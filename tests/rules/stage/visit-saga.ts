import { defineEvent, defineSaga, defineStep, implement, t } from '@troupe/core';
import type { Cast } from './cast.ts';

/** One step, implemented by a service that has no inbox. */
const visitor = t.string().key();
export class VisitorCame extends defineEvent('rules.visit.VisitorCame', { visitor }) {}
export class VisitorGreeted extends defineEvent('rules.visit.VisitorGreeted', { visitor }) {}

const greetVisitor = defineStep('greet-visitor', { after: VisitorCame, emits: VisitorGreeted });

export const receiveVisitor = defineSaga('receive-visitor', {
  version: 1,
  startsOn: VisitorCame,
  steps: [greetVisitor],
});

export const porterHandlers = (cast: Cast) => [
  implement(greetVisitor, {
    execute: (input, ctx) => {
      const done = () => new VisitorGreeted({ visitor: ctx.sagaId });
      return cast.perform(ctx, undefined, { part: 'greet-visitor', input, done });
    },
  }),
];
