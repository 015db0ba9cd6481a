// Audits a Kafka that has come to rest. Standard input: one JSON object, `AuditRequest`. Standard output: the `AuditedLog`.
// A process of its own: whoever runs it may have put something else in the place of the client's own code.
import { text } from 'node:stream/consumers';
import { auditKafka } from './audit-log.ts';
import type { Claims } from './finding.ts';

export interface AuditRequest extends Claims {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
}

const request: AuditRequest = JSON.parse(await text(process.stdin));
const log = await auditKafka(request.brokers, request.registryUrl, request);
process.stdout.write(JSON.stringify(log));
