import { compensation, compensations } from './checks/compensation.ts';
import { everyEffectHasItsCause } from './checks/every-effect-has-its-cause.ts';
import { moneyAndStock } from './checks/money-and-stock.ts';
import { nothingSetAside } from './checks/nothing-set-aside.ts';
import { oneOutcomePerEffect, repeatedOutcomes } from './checks/one-outcome-per-effect.ts';
import { oneWriter } from './checks/one-writer.ts';
import { startsAndEnds } from './checks/starts-and-ends.ts';
import { stateEqualsFold } from './checks/state-equals-fold.ts';
import type { Claims, Finding } from './finding.ts';
import { decodePayloads } from './log/decode-payloads.ts';
import { type Evidence, gatherEvidence } from './log/evidence.ts';
import { readTopics } from './log/read-topics.ts';

export interface AuditedLog {
  readonly records: number;
  readonly sagas: number;
  readonly outcomes: number;
  /** Undoings that were done, of all outcomes. */
  readonly compensations: number;
  /** Outcomes that were sent again, under the id that they had. */
  readonly repeatedOutcomes: number;
  readonly findings: readonly Finding[];
}

type Check = (evidence: Evidence, claims: Claims) => Iterable<string>;

const checks: Readonly<Record<string, Check>> = {
  'one end for each saga': startsAndEnds,
  'one outcome for each effect': oneOutcomePerEffect,
  'a cause for each effect': everyEffectHasItsCause,
  'compensation complete and in order': compensation,
  'state equals the fold': stateEqualsFold,
  'one writer for each shard': oneWriter,
  'money and stock conserved': moneyAndStock,
  'nothing set aside': nothingSetAside,
};

export const checkNames: readonly string[] = Object.keys(checks);

/**
 * Holds a Kafka's log against what Troupe promises, as somebody who has only the log, the registry and the documentation:
 * it imports nothing of Troupe, and folds and counts by itself. To be called when nothing is under way any more.
 */
export async function auditKafka(
  brokers: readonly string[],
  registryUrl: string,
  claims: Claims,
): Promise<AuditedLog> {
  const records = await readTopics(brokers);
  const payloads = await decodePayloads(records, registryUrl);
  return auditEvidence(gatherEvidence(records, payloads), claims);
}

export function auditEvidence(evidence: Evidence, claims: Claims): AuditedLog {
  const findings = Object.entries(checks).flatMap(([check, find]) =>
    [...find(evidence, claims)].map((text) => ({ check, text })),
  );
  return {
    records: evidence.records.length,
    sagas: evidence.sagas.length,
    outcomes: evidence.sagas.reduce((sum, { outcomes }) => sum + outcomes.length, 0),
    compensations: compensations(evidence),
    repeatedOutcomes: repeatedOutcomes(evidence),
    findings,
  };
}
