import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Effect,
  effectId,
  failureId,
  inDoubt,
  outcomeId,
  publicationId,
  requestId,
  type StepAction,
} from './effect-id.ts';

const about = { sagaName: 'place-order', correlationId: '42', step: 'reserve-stock' };
const effect: Effect = { ...about, action: 'execute' };

describe('an effect id', () => {
  it('is plain text that people can read', () => {
    expect(effectId(effect)).toBe('place-order/reserve-stock/execute/0/42');
    expect(effectId({ ...about, action: 'compensate', undoes: 'abc' })).toBe(
      'place-order/reserve-stock/compensate:abc/0/42',
    );
    expect(effectId({ ...about, action: 'compensate', undoes: inDoubt })).toBe(
      `place-order/reserve-stock/compensate:${inDoubt}/0/42`,
    );
  });

  it('differs for effects that differ, whatever a correlation id holds', () => {
    const name = fc.stringMatching(/^[A-Za-z][\w.-]{0,8}$/);
    const subjects = fc.record({
      sagaName: name,
      correlationId: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a/execute/0/b', '/')),
      step: name,
    });
    const undoes = fc.oneof(fc.stringMatching(/^[0-9a-f]{4}$/), fc.constant(inDoubt));
    const actions: fc.Arbitrary<StepAction> = fc.oneof(
      fc.constant({ action: 'execute' } as const),
      fc.record({ action: fc.constant('compensate' as const), undoes }),
    );
    const effects = fc.tuple(subjects, actions).map(([of, act]): Effect => ({ ...of, ...act }));
    const identity = ({ sagaName, correlationId, step, ...act }: Effect) =>
      JSON.stringify([sagaName, correlationId, step, act.action === 'execute' ? '' : act.undoes]);
    fc.assert(
      fc.property(effects, effects, (a, b) => {
        expect(effectId(a) === effectId(b)).toBe(identity(a) === identity(b));
      }),
    );
  });
});

describe('the ids of events', () => {
  const id = effectId(effect);

  it('are functions of what they are of, 32 hex digits each, and never the same', () => {
    const ids = [
      outcomeId(id, 'succeeded'),
      outcomeId(id, 'rejected'),
      outcomeId(id, 'skipped'),
      outcomeId(id, 'compensated'),
      failureId(id, 'trigger-1'),
      failureId(id, 'trigger-2'),
      requestId(id, 'execute', 1),
      requestId(id, 'execute', 2),
      requestId(id, 'cancel', 1),
      publicationId(id, 1),
      publicationId(id, 2),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const one of ids) expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(outcomeId(id, 'succeeded')).toBe(ids[0]);
  });

  it('stay the same from release to release: rows and events outlive a deployment', () => {
    expect(outcomeId(id, 'succeeded')).toBe('374de96a2bb6013e6754c5deac085e11');
    expect(failureId(id, 't')).toBe('125ed3b32a3e579b1a7477590726a3fb');
    expect(requestId(id, 'execute', 1)).toBe('7eab8c903fcad9669280a015d85281ba');
  });
});
