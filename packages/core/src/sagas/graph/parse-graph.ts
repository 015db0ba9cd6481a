import { parseSagaRef, type SagaGraph, sagaRef } from './saga-graph.ts';
import { hashOfGraph } from './saga-hash.ts';
import { isName, isReserved, reservedPrefix } from './saga-names.ts';

/** UTF-16 code units of a definition's JSON. A saga of 100 steps takes about a tenth of it. */
const graphTextLengthMax = 500_000;
export const stepsMax = 200;
/** Of a step and of a saga: 366 days. Topics and inboxes have to keep what they hold longer than this. */
export const timeoutMsMax = 366 * 24 * 60 * 60_000;

/** What is wrong with a definition that came from `troupe.definitions`. */
export interface GraphFault {
  readonly fault: string;
}

/**
 * A definition read from its record. Anybody can write to that topic, so nothing is taken on trust: what is no sound
 * graph gives a fault that names the place, and harms no other definition.
 */
export function parseSagaGraph(key: string, text: string): SagaGraph | GraphFault {
  if (text.length > graphTextLengthMax) {
    return { fault: `definition ${key} is longer than ${graphTextLengthMax} characters` };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return {
      fault: `definition ${key} is not JSON: ${error instanceof Error ? error.message : ''}`,
    };
  }
  const fault = faultOf(json);
  if (fault !== undefined) return { fault: `definition ${key}: ${fault}` };
  const graph = json as SagaGraph;
  if (sagaRef(graph) !== key || parseSagaRef(key) === undefined) {
    return { fault: `definition ${key} says of itself that it is ${sagaRef(graph)}` };
  }
  const hash = hashOfGraph(graph);
  return hash === graph.hash
    ? graph
    : {
        fault: `definition ${key}: the hash of what it says is ${hash}: it was changed on its way`,
      };
}

type Json = Readonly<Record<string, unknown>>;

function faultOf(json: unknown): string | undefined {
  if (!isObject(json)) return 'expected an object';
  if (typeof json['name'] !== 'string') return 'name: expected text';
  if (!isCount(json['version'])) return 'version: expected a whole number from 1';
  if (typeof json['hash'] !== 'string') return 'hash: expected text';
  const timeout = timeoutFault(json['timeoutMs']);
  if (timeout !== undefined) return timeout;
  const start = eventFault(json['startsOn']);
  if (start !== undefined) return `startsOn${start}`;
  const steps = json['steps'];
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > stepsMax) {
    return `steps: expected 1 to ${stepsMax} of them`;
  }
  const before = new Set<string>();
  for (const [index, step] of steps.entries()) {
    const fault = isObject(step) ? stepFault(step, before) : ': expected an object';
    if (fault !== undefined) return `steps[${index}]${fault}`;
  }
  const graph = json as unknown as SagaGraph;
  return sharedEventFault(graph) ?? pivotsFault(graph) ?? rejectionFault(graph);
}

/** An event says which step it is the outcome of, and which outcome. */
function sharedEventFault({ startsOn, steps }: SagaGraph): string | undefined {
  const types = new Set([startsOn.type]);
  for (const { name, emits, rejects, compensates } of steps) {
    for (const event of [emits, rejects, compensates]) {
      if (event === undefined) continue;
      if (types.has(event.type)) return `step ${name}: ${event.type} stands for something else too`;
      types.add(event.type);
    }
  }
  return undefined;
}

function pivotsFault({ steps }: SagaGraph): string | undefined {
  const pivots = steps.filter(({ pivot }) => pivot);
  if (pivots.length > 1) {
    return `${pivots.map(({ name }) => name).join(', ')} are pivots: expected one at most`;
  }
  const undone = pivots.find(({ compensates }) => compensates !== undefined);
  return undone && `step ${undone.name}: a pivot is never undone, and has no compensates`;
}

/** Who waits for what nobody ever says never runs. */
function rejectionFault({ steps }: SagaGraph): string | undefined {
  const rejecting = new Set(steps.filter(({ rejects }) => rejects).map(({ name }) => name));
  for (const { name, dependencies } of steps) {
    for (const { step, outcome } of dependencies) {
      if (outcome === 'succeeded' || (step !== undefined && rejecting.has(step))) continue;
      return `step ${name} depends on the rejection of ${step ?? 'the start'}, which has none`;
    }
  }
  return undefined;
}

function stepFault(step: Json, before: Set<string>): string | undefined {
  const { name, shape, dependencies, timeoutMs, pivot, conditional } = step;
  if (typeof name !== 'string' || !isName(name)) return '.name: expected the name of a step';
  if (before.has(name)) return `.name: ${name} is there twice`;
  if (shape !== 'single' && shape !== 'named' && shape !== 'tuple') return '.shape: unknown';
  const timeout = timeoutFault(timeoutMs);
  if (timeout !== undefined) return `.${timeout}`;
  if (typeof pivot !== 'boolean' || typeof conditional !== 'boolean') {
    return ': pivot and conditional must be true or false';
  }
  const emits = eventFault(step['emits']);
  if (emits !== undefined) return `.emits${emits}`;
  for (const optional of ['rejects', 'compensates']) {
    const fault = step[optional] === undefined ? undefined : eventFault(step[optional]);
    if (fault !== undefined) return `.${optional}${fault}`;
  }
  if (!Array.isArray(dependencies) || dependencies.length === 0) return '.dependencies: none';
  for (const dependency of dependencies) {
    if (!isDependency(dependency, before)) {
      return '.dependencies: one is malformed, or names a step that is not before this one';
    }
  }
  if (shape === 'single' && dependencies.length > 1) {
    return `.dependencies: expected one, its shape is single, got ${dependencies.length}`;
  }
  before.add(name);
  return undefined;
}

function isDependency(json: unknown, before: ReadonlySet<string>): boolean {
  if (!isObject(json)) return false;
  const { name, step, outcome, required } = json;
  return (
    typeof name === 'string' &&
    typeof required === 'boolean' &&
    (outcome === 'succeeded' || outcome === 'rejected') &&
    (step === undefined || (typeof step === 'string' && before.has(step)))
  );
}

function eventFault(json: unknown): string | undefined {
  if (!isObject(json)) return ': expected an object';
  for (const field of ['type', 'topic', 'fingerprint']) {
    const value = json[field];
    if (typeof value !== 'string' || value === '') return `.${field}: expected text`;
    if (field !== 'fingerprint' && isReserved(value)) {
      return `.${field}: ${value} begins with '${reservedPrefix}', as only Troupe's own do`;
    }
  }
  return undefined;
}

function timeoutFault(value: unknown): string | undefined {
  return isCount(value) && value <= timeoutMsMax
    ? undefined
    : `timeoutMs: expected a whole number from 1 to ${timeoutMsMax}`;
}

function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function isCount(json: unknown): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json > 0;
}
