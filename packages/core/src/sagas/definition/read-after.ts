import { isEventClass } from '../../events/make-event-class.ts';
import { describeValue } from '../../events/schema/payload-mismatch.ts';
import { definitionLimits } from './definition-limits.ts';
import type { OutcomeContent, StepContent, StepDependency } from './step-content.ts';

export interface AfterReading {
  readonly shape: StepContent['shape'];
  readonly dependencies: readonly StepDependency[];
  readonly faults: readonly string[];
}

const memberForm = /^[A-Za-z_$][\w$]*$/;

/** The dependencies that `after` names. */
export function readAfter(after: unknown): AfterReading {
  if (isEventClass(after) || isOutcome(after)) {
    const single = readMembers('single', [['', after]]);
    return isOutcome(after) && after.need === 'optional'
      ? {
          ...single,
          faults: ['a single dependency cannot be optional: nothing else would start the step'],
        }
      : single;
  }
  if (Array.isArray(after)) {
    return readMembers(
      'tuple',
      after.map((member: unknown, index) => [String(index), member]),
    );
  }
  if (
    typeof after === 'object' &&
    after !== null &&
    Object.getPrototypeOf(after) === Object.prototype
  ) {
    return readMembers('named', Object.entries(after));
  }
  const faults = [
    `after has to be the start event's class, a step, step.rejected, or an object of them, got ${describeValue(after)}`,
  ];
  return { shape: 'single', dependencies: [], faults };
}

function readMembers(
  shape: StepContent['shape'],
  members: readonly (readonly [name: string, member: unknown])[],
): AfterReading {
  const dependencies: StepDependency[] = [];
  const faults: string[] = [];
  if (members.length === 0) faults.push('after is empty: name what the step waits for');
  for (const [name, member] of members) {
    if (shape === 'named') faults.push(...memberNameFaults(name));
    const at = shape === 'single' ? 'after' : `after.${name}`;
    if (isEventClass(member)) {
      dependencies.push({
        name,
        step: undefined,
        outcome: 'succeeded',
        need: 'usual',
        eventClass: member,
      });
    } else if (isOutcome(member)) {
      const dependency = readOutcome(name, member);
      if (dependency !== undefined) dependencies.push(dependency);
      else {
        const upstream = member['~step'].name;
        faults.push(
          `${at}: step '${upstream}' has no 'rejects' event, so nothing can wait for its refusal`,
        );
      }
    } else {
      faults.push(
        `${at} has to be the start event's class, a step or step.rejected, got ${describeValue(member)}`,
      );
    }
  }
  return { shape, dependencies, faults: [...faults, ...twiceFaults(dependencies)] };
}

function readOutcome(
  name: string,
  { outcome, need, '~step': step }: OutcomeContent,
): StepDependency | undefined {
  const eventClass = outcome === 'succeeded' ? step.emits : step.rejects;
  return eventClass && { name, step, outcome, need, eventClass };
}

function memberNameFaults(name: string): string[] {
  return memberForm.test(name) &&
    name.length <= definitionLimits.nameLengthMax &&
    !(name in Object.prototype)
    ? []
    : [`after.${name}: the name of a member has to be a plain identifier`];
}

function twiceFaults(dependencies: readonly StepDependency[]): string[] {
  const seen = new Map<string, string>();
  const faults: string[] = [];
  for (const { name, eventClass } of dependencies) {
    const other = seen.get(eventClass.eventName);
    if (other === undefined) seen.set(eventClass.eventName, name);
    else faults.push(`after.${other} and after.${name} are one event: ${eventClass.eventName}`);
  }
  return faults;
}

function isOutcome(value: unknown): value is OutcomeContent {
  return typeof value === 'object' && value !== null && '~step' in value;
}
