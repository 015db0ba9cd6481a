import type { SagaGraph } from '@troupe/core/internal';
import fc from 'fast-check';
import { graphOf, type StepSketch } from '../saga-script/graph-of.ts';

/** What kind of sagas are wanted. */
export interface GraphWish {
  readonly pivot: 'never' | 'maybe';
  /** `never`: every step has one dependency, so that none is ever requested. */
  readonly joins: 'never' | 'maybe';
}

interface Draft {
  readonly after: readonly Edge[];
  readonly rejects: boolean;
  readonly compensates: boolean;
  readonly conditional: boolean;
}

interface Edge {
  /** An earlier step, modulo how many there are; one more is the start. */
  readonly to: number;
  readonly rejected: boolean;
  readonly optional: boolean;
}

/**
 * Sagas of 1 to 8 steps as `defineSaga` lets them through: before a pivot a step may be compensable, beside and after
 * it none is, nor rejects unless that is handled; the branch that handles the pivot's own rejection is free again.
 */
export function arbitraryGraph({ pivot, joins }: GraphWish): fc.Arbitrary<SagaGraph> {
  const edge = fc.record({ to: fc.nat(), rejected: fc.boolean(), optional: fc.boolean() });
  const draft: fc.Arbitrary<Draft> = fc.record({
    after: fc.array(edge, { minLength: 1, maxLength: joins === 'never' ? 1 : 3 }),
    rejects: fc.boolean(),
    compensates: fc.nat(3).map((n) => n !== 0),
    conditional: fc.nat(4).map((n) => n === 0),
  });
  const at = pivot === 'never' ? fc.constant(undefined) : fc.option(fc.nat(), { nil: undefined });
  return fc
    .tuple(fc.array(draft, { minLength: 1, maxLength: 8, size: 'max' }), at)
    .map(([drafts, pivotAt]) =>
      graphOf({ steps: sketches(drafts, pivotAt && pivotAt % drafts.length) }),
    );
}

interface Member {
  /** Undefined is the start. */
  readonly to: number | undefined;
  readonly rejected: boolean;
  readonly optional: boolean;
}

function sketches(drafts: readonly Draft[], pivotAt: number | undefined) {
  const nameOf = (index: number) => (index === pivotAt ? 'pivot' : ('abcdefgh'[index] ?? 'x'));
  const members = drafts.map((draft, index) => membersOf(draft, index, drafts));
  const handled = new Set(members.flat().flatMap(({ to, rejected }) => (rejected ? [to] : [])));
  const free = freeOfPivot(members, pivotAt);
  const steps: Record<string, StepSketch> = {};
  for (const [index, draft] of drafts.entries()) {
    const isPivot = index === pivotAt;
    const texts = (members[index] ?? []).map(({ to, rejected, optional }) => {
      const upstream = to === undefined ? 'start' : nameOf(to);
      return `${upstream}${rejected ? '.rejected' : ''}${optional ? '?' : ''}`;
    });
    const [only = 'start', ...more] = texts;
    steps[nameOf(index)] = {
      after: more.length === 0 ? only.replace('?', '') : texts,
      rejects: draft.rejects && (isPivot || free.has(index) || handled.has(index)),
      compensates: draft.compensates && free.has(index),
      conditional: draft.conditional,
      pivot: isPivot,
      timeoutMs: 10_000,
    };
  }
  return steps;
}

/** Each dependency once; both outcomes of one step only as alternatives. */
function membersOf(draft: Draft, index: number, drafts: readonly Draft[]): readonly Member[] {
  const members = new Map<string, Member>();
  for (const { to, rejected, optional } of draft.after) {
    const place = to % (index + 1);
    const upstream = place === index ? undefined : place;
    const refused = upstream !== undefined && rejected && drafts[upstream]?.rejects === true;
    members.set(`${upstream} ${refused}`, { to: upstream, rejected: refused, optional });
  }
  const all = [...members.values()];
  return all.map((member) => {
    const isAlternative = all.some((other) => other !== member && other.to === member.to);
    return isAlternative ? { ...member, optional: true } : member;
  });
}

/** Steps that may be undone and may refuse: all without a pivot, its ancestors, and who waits for its refusal alone. */
function freeOfPivot(
  members: readonly (readonly Member[])[],
  pivotAt: number | undefined,
): ReadonlySet<number> {
  const free = new Set<number>();
  for (const index of members.keys()) {
    const isBefore = pivotAt !== undefined && index !== pivotAt && reaches(pivotAt, index, members);
    const afterRefusal = pivotAt !== undefined && follows(index, pivotAt, true, members);
    const afterSuccess = pivotAt !== undefined && follows(index, pivotAt, false, members);
    if (pivotAt === undefined || isBefore || (afterRefusal && !afterSuccess)) free.add(index);
  }
  return free;
}

function reaches(from: number, to: number, members: readonly (readonly Member[])[]): boolean {
  return (members[from] ?? []).some(
    (member) => member.to === to || (member.to !== undefined && reaches(member.to, to, members)),
  );
}

function follows(
  from: number,
  to: number,
  rejected: boolean,
  members: readonly (readonly Member[])[],
): boolean {
  return (members[from] ?? []).some(
    (member) =>
      (member.to === to && member.rejected === rejected) ||
      (member.to !== undefined && member.to !== to && follows(member.to, to, rejected, members)),
  );
}
