import { defineEvent } from '../events/define-event.ts';
import { t } from '../events/field-types.ts';
import { internalTopics } from './internal-topics.ts';

const correlationId = t.string().key().doc('The saga id, which is the key of the record.');

/** One input of a step: the event as it was published, framed bytes and all. */
const RequestInput = t.record('RequestInput', {
  dependency: t
    .string()
    .doc("The member's name in `after`; empty where a step has one dependency."),
  type: t.string(),
  eventId: t.string(),
  framed: t.bytes().doc('Byte 0, schema id, Avro binary: the value of the original record.'),
});

const RequestOutput = t.record('RequestOutput', {
  type: t.string(),
  eventId: t.string(),
  framed: t.bytes(),
});

const request = {
  correlationId,
  step: t.string(),
  requestNumber: t.int().doc('From 1; asking again for one effect counts up.'),
  inputs: t.array(RequestInput).doc('Without the optional dependencies that did not come about.'),
};

/** The coordinator asks for a step that no single event triggers: a join. */
export class StepRequested extends defineEvent(
  'troupe.StepRequested',
  { ...request, action: t.enum('StepAction', ['execute']) },
  { topic: internalTopics.requests, doc: 'Run this step, with these inputs.' },
) {}

/**
 * The coordinator asks for an undoing. `compensate` undoes a success (`output` and `undoes` given) or a step in
 * doubt (neither given). `cancel` asks that a step which may still run does not: the answer is the recorded
 * outcome, or `StepSkipped`.
 */
export class CompensationRequested extends defineEvent(
  'troupe.CompensationRequested',
  {
    ...request,
    action: t.enum('CompensationAction', ['compensate', 'cancel']),
    output: RequestOutput.optional(),
    undoes: t.string().optional().doc('The ce_id of the success to undo.'),
  },
  { topic: internalTopics.requests, doc: 'Undo this step, or make sure that it never runs.' },
) {}

/** A step or its compensation failed for good: its attempts are used up, no further one would help, or none was possible. */
export class StepFailed extends defineEvent(
  'troupe.StepFailed',
  {
    correlationId,
    step: t.string(),
    action: t.enum('FailedAction', ['execute', 'compensate']),
    undoes: t.string().optional(),
    code: t.string(),
    message: t.string(),
    attempts: t.int(),
    inDoubt: t.boolean().doc('False: nothing happened. The handler said so, or was never called.'),
  },
  { topic: internalTopics.outcomes, doc: 'A step failed for a technical reason.' },
) {}

/** The participant did not run a step, and never will. */
export class StepSkipped extends defineEvent(
  'troupe.StepSkipped',
  {
    correlationId,
    step: t.string(),
    reason: t.enum('SkipReason', ['condition', 'cancelled']),
  },
  { topic: internalTopics.outcomes, doc: 'A step was not run, and never will be.' },
) {}

/** All events that Troupe itself publishes in Avro. */
export const internalEvents = [
  StepRequested,
  CompensationRequested,
  StepFailed,
  StepSkipped,
] as const;
