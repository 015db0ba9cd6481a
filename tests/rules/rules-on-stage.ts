import { afterAll, beforeAll, describe } from 'vitest';
import { beginning } from './scenarios/beginning.ts';
import { compensation } from './scenarios/compensation.ts';
import { definitions } from './scenarios/definitions.ts';
import { effects } from './scenarios/effects.ts';
import { identity } from './scenarios/identity.ts';
import { outcomes } from './scenarios/outcomes.ts';
import { pivot } from './scenarios/pivot.ts';
import { records } from './scenarios/records.ts';
import { redriving, redrivingAfterThePivot } from './scenarios/redriving.ts';
import { impatient, patience, timeLimits } from './scenarios/time.ts';
import { triggering } from './scenarios/triggering.ts';
import { visibility } from './scenarios/visibility.ts';
import type { Ground } from './stage/ground.ts';
import { Stage } from './stage/stage.ts';

/**
 * The rules of sagas with everything that carries them out: participants, a coordinator, a log, a registry. One text,
 * played on each ground.
 */
export function rulesOnStage(ground: string, lay: () => Promise<Ground>): void {
  describe(`the rules of sagas, ${ground}`, () => {
    let opened: Stage;
    const stage = (): Stage => opened;
    beforeAll(async () => {
      opened = await Stage.open(await lay());
    });
    afterAll(() => opened?.close());

    identity(stage);
    beginning(stage);
    triggering(stage);
    compensation(stage);
    pivot(stage);
    outcomes(stage);
    timeLimits(stage);
    effects(stage);
    records(stage);
    redriving(stage);
    visibility(stage);
    definitions(stage);

    describe('with an impatient coordinator', () => {
      beforeAll(async () => {
        await opened.stopCoordinator();
        await opened.startCoordinator(impatient);
      });
      patience(stage);
      redrivingAfterThePivot(stage);
    });
  });
}
