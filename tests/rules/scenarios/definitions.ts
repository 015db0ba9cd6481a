import { defineEvent, defineSaga, defineStep, t, toGraph } from '@troupe/core';
import { sagaRef, writeDefinition } from '@troupe/core/internal';
import { expect } from 'vitest';
import {
  fileHandler,
  postBeforeHandler,
  postNowHandler,
  stampHandler,
} from '../stage/letter-handlers.ts';
import {
  LetterPosted,
  LetterStamped,
  sendLetter,
  sendLetterNow,
  sendLetterOtherwise,
} from '../stage/letter-saga.ts';
import { Held } from '../stage/plays.ts';
import { type OnStage, scenariosAlone } from '../stage/scenario.ts';

const key = t.string().key();
class PaperOrdered extends defineEvent('five.PaperOrdered', { key }) {}
class PaperSent extends defineEvent('five.PaperSent', { key }) {}
const send = defineStep('send-paper', { after: PaperOrdered, emits: PaperSent });
const orderPaper = defineSaga('order-paper', {
  version: 1,
  startsOn: PaperOrdered,
  steps: [send],
});

/** Played in this order: an installation whose definitions change while sagas run. */
export function definitions(stage: OnStage): void {
  scenariosAlone('rule 13: definitions reach everybody as data, at run time', stage, {
    'a definition is published by a service that is started later, and its sagas run': async (
      stage,
    ) => {
      const { cast } = stage;
      await stage.startService('letters', () => [], [sendLetter]);
      await stage.startService('stamper', (inbox) => [stampHandler(cast, inbox)]);
      await stage.startService('poster', (inbox) => [postBeforeHandler(cast, inbox)]);
      const letter = stage.letter();
      await letter.begin('letters');
      await letter.stands('completed');
      expect(letter.effects).toEqual(['stamp', 'post']);
    },

    'an event whose definition comes a moment later is not lost to its saga (ADR 10)': async (
      stage,
    ) => {
      const letter = stage.letter({ saga: sendLetterNow });
      await letter.hear(letter.start);
      await letter.sees(() => {
        const waiting = { code: 'key-waiting', subject: letter.ref };
        expect(stage.service('stamper').health().problems).toMatchObject([waiting]);
        expect(stage.coordinator.health().problems).toMatchObject([waiting]);
      });
      const { cast } = stage;
      await stage.startService('new-letters', (inbox) => [fileHandler(cast, inbox)], [
        sendLetterNow,
      ]);
      await letter.until('stamp succeeded');
      expect(letter.progress?.saga).toBe(letter.ref);
      // Its `post` is another contract than the poster has: see below.
      await letter.sees(() => {
        expect(stage.service('poster').health().problems).toMatchObject([{ code: 'key-waiting' }]);
      });
      expect(letter.deadLetters).toEqual([]);
      await stage.service('poster').stop();
      await stage.startService('poster', (inbox) => [
        postBeforeHandler(cast, inbox),
        postNowHandler(cast, inbox),
      ]);
      await letter.stands('completed');
      expect(letter.effects).toEqual(['stamp', 'post', 'file']);
    },

    'running sagas stay on theirs while the new version is started beside them': async (stage) => {
      const stamping = new Held();
      const old = stage.letter({ script: { stamp: stamping.play } });
      await old.begin('letters');
      await stamping.begun;
      const now = stage.letter({ saga: sendLetterNow });
      await now.begin('new-letters');
      await now.stands('completed');
      stamping.release();
      await old.stands('completed');
      expect([old.progress?.saga, now.progress?.saga]).toEqual([old.ref, now.ref]);
      expect(old.effects).toEqual(['stamp', 'post']);
      expect(now.effects).toEqual(['stamp', 'post', 'file']);
    },

    'an unstamped start is given the newest version': async (stage) => {
      const letter = stage.letter({ saga: sendLetterNow });
      await letter.hear(letter.start, { saga: null });
      await letter.stands('completed');
      expect(letter.progress?.saga).toBe(letter.ref);
    },

    'an event that names another version than its saga runs by is a deviation': async (stage) => {
      const stamping = new Held();
      const letter = stage.letter({ script: { stamp: stamping.play } });
      await letter.begin('letters');
      await stamping.begun;
      const posted = new LetterPosted({ id: letter.id });
      await letter.hear(posted, { saga: sagaRef(toGraph(sendLetterNow)) });
      await letter.until('deviation: other-definition');
      expect(letter.standing).toBe('running');
      expect(letter.life).not.toContain('post succeeded');
      stamping.release();
      await letter.stands('completed');
    },

    'what comes before the start is kept by the version that it names, and what is of the start counts (I4)':
      async (stage) => {
        const letter = stage.letter();
        const stamped = new LetterStamped({ id: letter.id });
        await letter.hear(stamped, { id: letter.successIdOf('stamp') });
        await letter.until('post succeeded');
        const posted = new LetterPosted({ id: letter.id });
        await letter.hear(posted, { saga: sagaRef(toGraph(sendLetterNow)), id: 'of another' });
        await letter.sees(() => {
          expect(letter.progress?.saga).toBe(sagaRef(toGraph(sendLetterNow)));
        });
        expect(letter.standing).toBe('awaited');
        await letter.begin('letters');
        await letter.stands('completed');
        expect(letter.progress).toMatchObject({ saga: letter.ref, deviations: 1 });
        expect(Object.keys(letter.progress?.steps ?? {}).toSorted()).toEqual(['post', 'stamp']);
      },

    'a participant that knows the old contract alone parks what it cannot run, says so, and goes on with all else':
      async (stage) => {
        const { cast } = stage;
        await stage.service('poster').stop();
        await stage.startService('poster', (inbox) => [postBeforeHandler(cast, inbox)]);
        const now = stage.letter({ saga: sendLetterNow });
        await now.begin('new-letters');
        await now.sees(() => {
          const [problem] = stage.service('poster').health().problems;
          expect(problem?.message).toContain(
            'saga send-letter@2 has step post with other dependencies, events or schemas',
          );
        });
        const old = stage.letter();
        await old.begin('letters');
        await old.stands('completed');
        await stage.service('poster').stop();
        await stage.startService('poster', (inbox) => [postNowHandler(cast, inbox)]);
        await now.stands('completed');
        expect(now.effects).toEqual(['stamp', 'post', 'file']);
        await stage.service('poster').stop();
        await stage.startService('poster', (inbox) => [
          postBeforeHandler(cast, inbox),
          postNowHandler(cast, inbox),
        ]);
      },

    'a second hash for one version is refused, alone': async (stage) => {
      const refused = sagaRef(toGraph(sendLetterOtherwise));
      await stage.send(writeDefinition(toGraph(sendLetterOtherwise)));
      const letter = stage.letter({ saga: sendLetterOtherwise });
      await letter.sees(() => {
        expect(stage.coordinator.health().refusedDefinitions).toMatchObject([
          { saga: refused, reason: expect.stringContaining('needs a new version number') },
        ]);
        expect(stage.service('stamper').health().problems).toMatchObject([
          { code: 'definition-conflict', subject: refused },
        ]);
      });
      await letter.hear(new LetterStamped({ id: letter.id }));
      await letter.sees(() => {
        expect(letter.deadLetters).toContain('troupe-coordinator definition-unknown');
      });
      const good = stage.letter();
      await good.begin('letters');
      await good.stands('completed');
    },

    'a service that brings a second hash for one version does not start': async (stage) => {
      const starting = stage.startService('wrong-letters', () => [], [sendLetterOtherwise]);
      await expect(starting).rejects.toMatchObject({ code: 'definition-conflict' });
    },

    'a definition whose topics have another partition count is refused, alone, with the topics named':
      async (stage) => {
        await stage.makeTopic('five', 5);
        await stage.send(writeDefinition(toGraph(orderPaper)));
        const good = stage.letter();
        await good.sees(() => {
          expect(stage.coordinator.health().refusedDefinitions).toContainEqual({
            saga: sagaRef(toGraph(orderPaper)),
            reason: `all topics must have ${stage.partitions} partitions, as troupe.state has, but five has 5`,
          });
        });
        await good.begin('letters');
        await good.stands('completed');
      },
  });
}
