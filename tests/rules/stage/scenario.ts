import { describe, test } from 'vitest';
import type { Stage } from './stage.ts';

/** The stage that all scenarios of a file share. */
export type OnStage = () => Stage;

/** Scenarios of one rule, played side by side: each has sagas of its own. */
export function scenarios(
  rule: string,
  stage: OnStage,
  plays: Readonly<Record<string, (stage: Stage) => Promise<void>>>,
): void {
  describe(rule, () => {
    for (const [name, play] of Object.entries(plays)) test.concurrent(name, () => play(stage()));
  });
}

/** Scenarios that take away what the others need, such as the coordinator: played one after the other. */
export function scenariosAlone(
  rule: string,
  stage: OnStage,
  plays: Readonly<Record<string, (stage: Stage) => Promise<void>>>,
): void {
  describe(rule, () => {
    for (const [name, play] of Object.entries(plays)) test(name, () => play(stage()));
  });
}
