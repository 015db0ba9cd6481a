import { describe, expect, test } from 'vitest';
import { defineEvent } from '../../../events/define-event.ts';
import { t } from '../../../events/field-types.ts';
import { type AnyStep, defineStep } from '../define-step.ts';
import { event, faultsOf, orderId, Start, step } from '../steps.test-data.ts';

describe('a saga is refused', () => {
  const a = step('a', Start, { compensates: true });
  const reject = step('reject', Start, { rejects: true, compensates: true });

  test('with all of its faults', () => {
    const unlisted = step('unlisted', Start);
    const b = step('b', unlisted);
    const a2 = step('a', Start, { emits: event('bDone') });
    expect(
      faultsOf([a, b, a2], { version: 0, timeoutMs: 1.5, version2: 1 }, 'place order'),
    ).toEqual([
      `the name "place order" does not do: 1 to 200 letters, digits, '-', '_' and '.', beginning with a letter`,
      "there is no option 'version2': the options are version, startsOn, steps, timeoutMs",
      'version has to be a whole number from 1 to 999999999, got 0',
      'timeoutMs has to be a whole number from 1 to 31622400000, got 1.5',
      "two steps are named 'a': give one of them another name",
      "step 'b' depends on 'unlisted', which is not listed: add it to steps",
      "shop.bDone is published by step 'b' (emits) and by step 'a' (emits): give each an event of its own, so that it says what happened",
    ]);
  });

  test.each<[string, readonly AnyStep[], object, string]>([
    ['version missing', [a], { version: undefined }, 'version has to be a whole number from 1'],
    [
      'version as text',
      [a],
      { version: '1' },
      'version has to be a whole number from 1 to 999999999, got 1',
    ],
    ['startsOn a step', [a], { startsOn: a }, 'startsOn has to be an event class'],
    ['no steps', [], {}, 'it has no steps: list them in steps'],
    ['steps no list', [a], { steps: { a } }, 'it has no steps: list them in steps'],
    [
      'an event among steps',
      [a, Start as unknown as AnyStep],
      {},
      'steps[1] has to be a step, as made by defineStep',
    ],
    [
      'an outcome among steps',
      [reject, reject.rejected as unknown as AnyStep],
      {},
      'steps[1] has to be a step',
    ],
    ['a step listed twice', [a, a], {}, "step 'a' is listed twice: list it once"],
    [
      'too many steps',
      Array.from({ length: 201 }, (_, i) => step(`s${i}`, Start)),
      {},
      'it has 201 steps, more than 200',
    ],
    [
      'a step longer than the saga',
      [step('a', Start, { timeoutMs: 10 })],
      { timeoutMs: 9 },
      "step 'a' may take longer (timeoutMs 10) than the whole saga (9)",
    ],
  ])('%s', (_, steps, options, fault) => {
    expect(faultsOf(steps, options)).toEqual([expect.stringContaining(fault)]);
  });

  test('a step that waits for an event of no step', () => {
    expect(faultsOf([a, step('b', event('Other'))])).toEqual([
      "step 'b' can never run: it waits for shop.Other, which does not start the saga; wait for the start event or for a step",
    ]);
    expect(faultsOf([a, step('b', event('aDone'))])).toEqual([
      "step 'b' can never run: it waits for shop.aDone, which does not start the saga; wait for the step 'a' that emits it",
    ]);
    expect(faultsOf([reject, step('b', event('rejectRejected'))])).toEqual([
      expect.stringContaining("wait for the rejection of 'reject', as its .rejected"),
    ]);
  });

  test('two classes of one event, unless they are the same contract', () => {
    const other = defineEvent('shop.Start', { orderId, more: t.int() });
    const same = defineEvent('shop.Start', { orderId });
    expect(faultsOf([step('a', other)])).toEqual([
      "step 'a' waits for shop.Start with another schema than that of startsOn: use one class in both places",
    ]);
    expect(faultsOf([step('a', same)])).toEqual([]);
  });

  test('a step that publishes the start event, or an event of another step', () => {
    expect(faultsOf([step('a', Start, { emits: Start })])).toEqual([
      expect.stringContaining(
        "shop.Start is published by the start of the saga and by step 'a' (emits)",
      ),
    ]);
    const b = defineStep('b', { after: Start, emits: event('bDone'), rejects: event('aUndone') });
    expect(faultsOf([a, b])).toEqual([
      expect.stringContaining(
        "shop.aUndone is published by step 'a' (compensates) and by step 'b' (rejects)",
      ),
    ]);
  });

  test("Troupe's own names", () => {
    const own = defineEvent('troupe.Mine', { orderId });
    const onOwn = defineEvent('shop.Mine', { orderId }, { topic: 'troupe.requests' });
    expect(
      faultsOf([step('a', Start, { emits: own }), step('b', Start, { emits: onOwn })]),
    ).toEqual([
      "troupe.Mine on topic troupe: names that begin with 'troupe.' are Troupe's own",
      "shop.Mine on topic troupe.requests: names that begin with 'troupe.' are Troupe's own",
    ]);
  });

  test('keys that not every saga id fits', () => {
    const id = t.uuid().key();
    const Strict = defineEvent('shop.Strict', { id });
    const strict = step('a', Start, { emits: Strict });
    expect(faultsOf([strict])).toEqual([
      'the key of shop.Strict is a uuid, but the saga id, which is orderId of shop.Start, may be any text: make both t.uuid(), or id t.string()',
    ]);
    const StrictStart = defineEvent('shop.StrictStart', { id });
    expect(
      faultsOf([step('b', StrictStart, { emits: Strict }), step('c', StrictStart)], {
        startsOn: StrictStart,
      }),
    ).toEqual([]);
  });

  describe('for what it waits for', () => {
    const handler = step('handler', reject.rejected);
    const never =
      "can never run: it requires that 'reject' succeeds and that it is rejected; say .optional to one of them";

    test('the success and the rejection of one step', () => {
      const both = step('both', { yes: reject.required, no: reject.rejected.required });
      expect(faultsOf([reject, both])).toEqual([`step 'both' ${never}`]);
      const some = step('some', { yes: reject.optional, no: reject.rejected.optional });
      expect(faultsOf([reject, some])).toEqual([]);
    });

    test('the same through other steps, said once', () => {
      const far = step('far', handler);
      const both = step('both', { yes: reject.required, no: far.required });
      const later = step('later', both);
      expect(faultsOf([reject, handler, far, both, later])).toEqual([`step 'both' ${never}`]);
    });

    const skippable = step('skippable', Start, { when: () => true });
    const next = step('next', skippable);
    test.each([
      { member: reject, others: [handler], reason: 'may be rejected, which another step handles' },
      { member: handler, others: [reject], reason: 'may be skipped' },
      { member: skippable, others: [], reason: 'may be skipped' },
      { member: next, others: [skippable], reason: 'may be skipped' },
    ])('a bare member of a join: $member.name $reason', ({ member, others, reason }) => {
      const join = (m: Parameters<typeof step>[1]) =>
        faultsOf([...others, member, step('join', [Start, m as AnyStep])]);
      expect(join(member)).toEqual([
        `member '1' of step 'join': '${member.name}' ${reason}; say .optional to run without it, or .required to be skipped then`,
      ]);
      expect(join(member.optional as never)).toEqual([]);
      expect(join(member.required)).toEqual([]);
    });

    test('a single dependency need not say so, nor a bare refusal in a join', () => {
      const refusal = step('refusal', { order: Start, no: reject.rejected as never });
      expect(faultsOf([skippable, next, reject, refusal])).toEqual([]);
    });

    test('a join of branches that meet again by optional members is not skipped', () => {
      const meet = step('meet', { order: Start, a: reject.optional, b: handler.optional });
      expect(faultsOf([reject, handler, meet, step('last', { order: Start, meet })])).toEqual([]);
    });
  });

  describe('for its pivot', () => {
    const pivot = step('pivot', a, { pivot: true, rejects: true });

    test('two of them', () => {
      const other = step('other', pivot, { pivot: true });
      expect(faultsOf([a, pivot, other])).toEqual([
        "'pivot', 'other' are pivots: a saga has one point of no return, leave 'pivot' to one of them",
      ]);
    });

    test('a step before it that cannot be undone', () => {
      const bare = step('bare', Start);
      const after = step('pivot', bare, { pivot: true, rejects: true });
      expect(faultsOf([bare, after])).toEqual([
        "step 'bare' cannot be undone when 'pivot' is rejected after it: give it a 'compensates' event, or compensates: null if there is nothing to undo",
      ]);
      // Also when the one that is refused comes between.
      const between = step('between', bare, { rejects: true, compensates: true });
      expect(faultsOf([bare, between, step('pivot', between, { pivot: true })])).toEqual([
        expect.stringContaining("step 'bare' cannot be undone when 'between' is rejected after it"),
      ]);
    });

    test('not where nothing can be refused later, the refusal is handled, or there is nothing to undo', () => {
      const bare = step('bare', Start);
      expect(faultsOf([bare, step('pivot', bare, { pivot: true })])).toEqual([]);
      const refusing = step('pivot', bare, { pivot: true, rejects: true });
      expect(faultsOf([bare, refusing, step('apologise', refusing.rejected)])).toEqual([]);
      const check = step('check', Start, { compensates: null });
      expect(faultsOf([check, step('pivot', check, { pivot: true, rejects: true })])).toEqual([]);
    });

    test('a rejection after it that nothing handles', () => {
      const late = step('late', pivot, { rejects: true });
      const fault =
        "step 'late' may be rejected after the pivot 'pivot', when there is no way back: put it before the pivot, drop its 'rejects', or handle 'late.rejected' in a step";
      expect(faultsOf([a, pivot, late])).toEqual([fault]);
      // What comes before the pivot has nothing to do with it.
      const bare = step('bare', Start);
      const safe = step('pivot', bare, { pivot: true });
      expect(faultsOf([bare, safe, step('late', safe, { rejects: true })])).toEqual([fault]);
      expect(faultsOf([a, pivot, late, step('letter', late.rejected)])).toEqual([]);
      const further = step('late', step('mid', pivot), { rejects: true });
      expect(
        faultsOf([a, pivot, ...further['~step'].dependencies.map(() => step('x', pivot)), further]),
      ).toEqual([expect.stringContaining("depends on 'mid', which is not listed"), fault]);
    });

    test('a step beside it that could be undone or refused', () => {
      expect(faultsOf([a, pivot, step('beside', Start, { compensates: true })])).toEqual([
        "step 'beside' runs beside the pivot 'pivot', whose success forbids to undo it: make 'pivot' depend on it, or it on 'pivot'",
      ]);
      expect(faultsOf([a, pivot, step('beside', Start, { rejects: true })])).toEqual([
        "step 'beside' runs beside the pivot 'pivot', and may be rejected when there is no way back: make 'pivot' depend on it, or it on 'pivot'",
      ]);
      expect(faultsOf([a, pivot, step('beside', Start)])).toEqual([]);
    });

    test('not a step on a branch that never meets it', () => {
      const choose = step('choose', Start, { rejects: true, compensates: true });
      const either = step('either', choose, { pivot: true });
      const or = step('or', choose.rejected, { rejects: true, compensates: true });
      expect(faultsOf([choose, either, or])).toEqual([]);
      const instead = step('instead', pivot.rejected, { rejects: true, compensates: true });
      expect(faultsOf([a, pivot, instead])).toEqual([]);
    });
  });
});
