import { at, type Standing, type StepStanding, type Steps, untouched } from './fold-life.ts';
import type { RawRecord } from './raw-record.ts';

/** The coordinator's own record of a saga. Its format is no promise: this follows packages/coordinator. */
export interface StoredSaga {
  readonly standing: Standing;
  /** Life-cycle records written for it. */
  readonly revision: number;
}

interface StoredJson {
  readonly revision: number;
  readonly progress: {
    readonly saga: string;
    readonly phase: string;
    readonly sinceMs: number;
    readonly startEventId?: string;
    readonly doom?: { readonly cause: string; readonly step?: string };
    readonly stuck?: { readonly reason: string; readonly step?: string };
    readonly deviations: number;
    readonly steps: StepsJson;
    readonly otherDefinitions?: Readonly<Record<string, StepsJson>>;
  };
}

type StepsJson = Readonly<Record<string, StepJson>>;

interface StepJson {
  readonly successes?: readonly string[];
  readonly rejection?: string;
  readonly failure?: { readonly eventIds: readonly string[] };
  readonly timedOutAtMs?: number;
  readonly skipped?: string;
  readonly requests?: number;
  readonly cancelRequests?: number;
  readonly undoings?: Readonly<
    Record<string, { readonly state: string; readonly requests: number }>
  >;
}

/** The newest record of each saga, by `<name>/<saga id>`; undefined: it is a tombstone. */
export function storedSagas(
  records: readonly RawRecord[],
): ReadonlyMap<string, StoredSaga | undefined> {
  const stored = new Map<string, StoredSaga | undefined>();
  for (const { topic, key, value } of records) {
    if (topic !== 'troupe.state' || key?.startsWith('saga/') !== true) continue;
    const name = key.slice('saga/'.length);
    stored.set(name, value === null ? undefined : storedSaga(JSON.parse(value.toString())));
  }
  return stored;
}

function storedSaga({ revision, progress }: StoredJson): StoredSaga {
  const { saga, phase, sinceMs, startEventId, doom, stuck, deviations, steps } = progress;
  const others = Object.entries(progress.otherDefinitions ?? {});
  return {
    revision,
    standing: {
      saga,
      phase,
      sinceMs,
      startEventId,
      doom: doom && at(doom.cause, doom.step),
      stuck: stuck && at(stuck.reason, stuck.step),
      deviations,
      steps: stepsOf(steps),
      others: Object.fromEntries(others.map(([of, steps]) => [of, stepsOf(steps)])),
    },
  };
}

function stepsOf(steps: StepsJson): Steps {
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, stepOf(step)]));
}

function stepOf({ failure, timedOutAtMs, undoings = {}, ...step }: StepJson): StepStanding {
  const { successes, rejection, skipped, requests, cancelRequests } = step;
  return {
    successes: successes ?? untouched.successes,
    rejection,
    failures: failure?.eventIds ?? untouched.failures,
    timedOut: timedOutAtMs !== undefined,
    skipped,
    requests: requests ?? 0,
    cancelRequests: cancelRequests ?? 0,
    undoings: Object.fromEntries(
      Object.entries(undoings).map(([undoes, { state, requests }]) => [
        undoes,
        `${state} ${requests}`,
      ]),
    ),
  };
}
