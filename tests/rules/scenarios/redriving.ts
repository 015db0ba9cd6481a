import { deadLetterTopic, headerNames, internalTopics } from '@troupe/core/internal';
import { expect } from 'vitest';
import type { SeenRecord } from '../../installations/followed-log.ts';
import type { OneSaga } from '../stage/one-saga.ts';
import { breaks, inTurn, refuses, succeeds } from '../stage/plays.ts';
import { type OnStage, scenarios } from '../stage/scenario.ts';
import type { Stage } from '../stage/stage.ts';

/** As docs/operations.md says it: the record as it was, save for its id, on the topic that participants alone read. */
function redrive(stage: Stage, letter: SeenRecord): Promise<void> {
  const id = `${letter.headers[headerNames.id]}/redriven`;
  return send(stage, internalTopics.requests, letter, { [headerNames.id]: id });
}

/** With the id that it had, where it was. */
function sendAgain(stage: Stage, letter: SeenRecord): Promise<void> {
  return send(stage, letter.headers[headerNames.deadLetterTopic] ?? '', letter, {});
}

function send(
  stage: Stage,
  topic: string,
  { key, value, headers }: SeenRecord,
  others: Readonly<Record<string, string>>,
): Promise<void> {
  const own = Object.entries(headers).filter(([name]) => !name.startsWith('troupe_dead_letter_'));
  return stage.send({
    topic,
    key: key ?? '',
    value,
    headers: { ...Object.fromEntries(own), ...others },
  });
}

/** Its first one. */
async function letterOf(stage: Stage, saga: OneSaga, group: string): Promise<SeenRecord> {
  const topic = deadLetterTopic(group);
  await saga.sees(() => expect(stage.log.of(topic, saga.id)).not.toEqual([]));
  const [letter] = stage.log.of(topic, saga.id);
  if (letter === undefined) throw new Error(`${topic} has no letter of saga ${saga.id}`);
  return letter;
}

export function redriving(stage: OnStage): void {
  scenarios('a dead letter of a step, redriven with another id', stage, {
    'undoes what could not be undone before': async (stage) => {
      const undoing = inTurn(breaks, succeeds);
      const order = stage.order({ script: { charge: refuses, 'undo reserve': undoing } });
      await order.begin();
      await order.stands('stuck: compensation-failed reserve');
      await redrive(stage, await letterOf(stage, order, 'stock'));
      await order.stands('compensated');
      expect(order.effects).toContain('undo reserve');
    },

    'runs a pivot that is in doubt': async (stage) => {
      const order = stage.order({ script: { ship: inTurn(breaks, succeeds) } });
      await order.begin();
      await order.stands('stuck: pivot-in-doubt ship');
      await redrive(stage, await letterOf(stage, order, 'dock'));
      await order.stands('completed');
      expect(order.effects.filter((effect) => effect === 'ship')).toHaveLength(1);
    },

    'is not the same as sent again unchanged, which repeats the failure and runs nothing': async (
      stage,
    ) => {
      const order = stage.order({ script: { ship: inTurn(breaks, succeeds) } });
      await order.begin();
      await order.stands('stuck: pivot-in-doubt ship');
      await sendAgain(stage, await letterOf(stage, order, 'dock'));
      await order.sees(() => expect(order.deadLetters).toHaveLength(2));
      expect(order.callsOf('ship')).toHaveLength(1);
      expect(order.standing).toBe('stuck: pivot-in-doubt ship');
    },
  });
}

/** With a coordinator that does not ask often. */
export function redrivingAfterThePivot(stage: OnStage): void {
  scenarios('a dead letter of a step after the pivot, redriven with another id', stage, {
    'runs the step, and its saga completes, without a contradiction': async (stage) => {
      const invoicing = inTurn(breaks, breaks, breaks, breaks, succeeds);
      const order = stage.order({ script: { invoice: invoicing } });
      await order.begin();
      await order.stands('stuck: failed-after-pivot invoice');
      // The first of its letters: the pivot's own event, which triggered the step by itself.
      await redrive(stage, await letterOf(stage, order, 'dock'));
      await order.until('ends completed');
      expect(order.life.filter((text) => text.startsWith('deviation'))).toEqual([]);
      expect(order.effects.filter((effect) => effect === 'invoice')).toHaveLength(1);
    },
  });
}
