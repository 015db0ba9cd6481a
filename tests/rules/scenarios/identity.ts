import { headerNames } from '@troupe/core/internal';
import { expect } from 'vitest';
import type { Published } from '../stage/one-saga.ts';
import { OrderPlaced } from '../stage/order-saga.ts';
import { Held } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';
import { GuestSeated } from '../stage/table-saga.ts';

export function identity(stage: OnStage): void {
  scenarios('identity: a saga is (saga name, correlation id)', stage, {
    'two saga types with one correlation id are two sagas': async (stage) => {
      const packing = new Held();
      const order = stage.order({ script: { pack: packing.play } });
      const guest = stage.guest({ id: order.id });
      await order.begin();
      await packing.begun;
      await guest.begin();
      await guest.stands('completed');
      expect(order.standing).toBe('running');
      packing.release();
      await order.stands('completed');
      expect(order.effects.toSorted()).toEqual(
        ['reserve', 'pack', 'charge', 'ship', 'invoice', 'seat', 'greet', 'serve'].sort(),
      );
    },

    'a start event carries exactly one ce_saga, stamped by its publisher, and begins that one':
      async (stage) => {
        const order = stage.order();
        await order.begin();
        await order.stands('completed');
        expect(order.eventsOf(OrderPlaced).map(({ headers }) => headers[headerNames.saga])).toEqual(
          [order.ref],
        );
        const lives = stage.log.records
          .filter(({ topic, key }) => topic === 'troupe.sagas' && key === order.id)
          .map(({ headers }) => headers[headerNames.saga]);
        expect(new Set(lives)).toEqual(new Set([order.ref]));
      },

    'an unstamped start is admitted by the coordinator, which asks for the first steps': async (
      stage,
    ) => {
      const guest = stage.guest({ cake: true });
      await guest.hear(guest.start, { saga: null });
      await guest.stands('completed');
      expect(guest.requests.toSorted()).toEqual([
        'StepRequested bake',
        'StepRequested greet',
        'StepRequested seat',
        'StepRequested serve',
      ]);
      const [seated] = guest.eventsOf(GuestSeated);
      expect(seated?.headers[headerNames.saga]).toBe(guest.ref);
    },

    'an unstamped start of several sagas begins none: it is a dead letter that names them': async (
      stage,
    ) => {
      const order = stage.order();
      await order.hear(order.start, { saga: null });
      await order.sees(() => {
        expect(order.deadLetters).toEqual(['troupe-coordinator header-invalid']);
      });
      const [letter] = stage.log.of('troupe-coordinator.dead-letter', order.id);
      expect(letter?.headers[headerNames.deadLetterMessage]).toMatch(
        /OrderPlaced starts several sagas \(.*place-order.*\): its publisher must name one/,
      );
      expect(order.life).toEqual([]);
    },
  });

  scenarios('identity: one function admits for participants and coordinator alike', stage, {
    ...refusedAlike('a key other than the correlation id', { key: 'another' }),
    ...refusedAlike('a malformed header', { headers: { [headerNames.saga]: 'no reference' } }),
    ...refusedAlike('a header that is too long', {
      headers: { [headerNames.id]: 'x'.repeat(300) },
    }),
  });
}

/** What the participant whose step it would trigger says, the coordinator says. */
function refusedAlike(name: string, spoilt: Pick<Published, 'key' | 'headers'>) {
  return {
    [name]: async (stage: ReturnType<OnStage>) => {
      const guest = stage.guest();
      const mark = `spoilt ${name} ${guest.id}`;
      await guest.hear(guest.start, { ...spoilt, headers: { ...spoilt.headers, mark } });
      const letters = () =>
        stage.log.records.filter(
          ({ headers, topic }) => headers['mark'] === mark && topic.endsWith('.dead-letter'),
        );
      await guest.sees(() => expect(letters()).toHaveLength(2));
      const groups = letters().map(({ headers }) => headers[headerNames.deadLetterGroup]);
      expect(groups.toSorted()).toEqual(['house', 'troupe-coordinator']);
      const reasons = letters().map(({ headers }) => headers[headerNames.deadLetterMessage]);
      expect(reasons[0]).toBe(reasons[1]);
      const { deadLetterCode, deadLetterAttempt } = headerNames;
      for (const { headers } of letters()) {
        expect(headers[deadLetterCode]).toBe('header-invalid');
        expect(headers[deadLetterAttempt]).toBe('0');
      }
      expect(guest.life).toEqual([]);
    },
  };
}
