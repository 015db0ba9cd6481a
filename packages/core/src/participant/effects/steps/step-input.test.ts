import { describe, expect, it } from 'vitest';
import { defineEvent, type Event } from '../../../events/define-event.ts';
import { t } from '../../../events/field-types.ts';
import type { OwnDependency } from '../../definitions/own-step.ts';
import { shapeInput } from './step-input.ts';

class Placed extends defineEvent('shop.Placed', { id: t.string().key() }) {}
class Paid extends defineEvent('shop.Paid', { id: t.string().key() }) {}

const placed = new Placed({ id: '1' });
const paid = new Paid({ id: '1' });
const of = (name: string, required = true): OwnDependency => ({
  name,
  eventClass: name.endsWith('paid') ? Paid : Placed,
  required,
});

describe('the input of a step', () => {
  it('is the event itself where it is the only dependency', () => {
    const step = { name: 's', shape: 'single', dependencies: [of('')] } as const;
    expect(shapeInput(step, new Map([['', placed]]))).toBe(placed);
  });

  it('has the names of a join, in their order', () => {
    const dependencies = [of('order'), of('paid', false)];
    const step = { name: 's', shape: 'named', dependencies } as const;
    const events = new Map<string, Event>([
      ['paid', paid],
      ['order', placed],
    ]);
    const both = shapeInput(step, events);
    expect(both).toEqual({ order: placed, paid });
    expect(Object.keys(Object(both))).toEqual(['order', 'paid']);
    expect(shapeInput(step, new Map([['order', placed]]))).toEqual({
      order: placed,
      paid: undefined,
    });
  });

  it('is a tuple of as many as were named', () => {
    const dependencies = [of('0', false), of('1paid')];
    const step = { name: 's', shape: 'tuple', dependencies } as const;
    expect(shapeInput(step, new Map([['1paid', paid]]))).toEqual([undefined, paid]);
  });

  it('names every required one that is missing', () => {
    const dependencies = [of('order'), of('paid'), of('more', false)];
    const step = { name: 'ship', shape: 'named', dependencies } as const;
    expect(() => shapeInput(step, new Map())).toThrow(
      'step ship was asked for without order (shop.Placed), paid (shop.Paid)',
    );
  });
});
