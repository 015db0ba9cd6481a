import { DefinitionError } from '../../errors/error-kinds.ts';
import { type AnyEventClass, defineEvent } from '../../events/define-event.ts';
import { t } from '../../events/field-types.ts';
import { defineSaga } from './define-saga.ts';
import { type AnyStep, defineStep } from './define-step.ts';

export const orderId = t.string().key();
const events = new Map<string, AnyEventClass>();
/** The event of that short name. */
export function event(name: string): AnyEventClass {
  const known = events.get(name) ?? defineEvent(`shop.${name}`, { orderId });
  events.set(name, known);
  return known;
}
export const Start = event('Start');
type Options = Partial<Parameters<typeof defineStep>[1]>;
/** A step `a` emits `aDone`; `rejects` and `compensates` by `true` take `aRejected` and `aUndone`. */
export function step(
  name: string,
  after: Parameters<typeof defineStep>[1]['after'],
  {
    rejects,
    compensates,
    ...options
  }: { rejects?: true; compensates?: true | null } & Omit<Options, 'rejects' | 'compensates'> = {},
): AnyStep & { readonly rejected: { readonly optional: never; readonly required: never } } {
  const made = defineStep(name, {
    after,
    emits: event(`${name}Done`),
    rejects: rejects && event(`${name}Rejected`),
    compensates: compensates === true ? event(`${name}Undone`) : compensates,
    ...options,
  });
  // For these tests every step may be asked for its rejection.
  return made as never;
}

export function faultsOf(
  steps: readonly AnyStep[],
  options: object = {},
  name: unknown = 'place-order',
) {
  try {
    defineSaga(name as string, { version: 1, startsOn: Start, steps, ...options });
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults;
    throw error;
  }
  return [];
}
