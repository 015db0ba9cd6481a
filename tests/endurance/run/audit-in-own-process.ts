import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { AuditedLog } from '../../auditor/audit-log.ts';
import type { AuditRequest } from '../../auditor/main.ts';

const main = join(import.meta.dirname, '..', '..', 'auditor', 'main.ts');

/** Troupe mends the client that the auditor uses too, in the process that it runs in: so not in this one. */
export async function auditInOwnProcess(
  request: AuditRequest,
  signal: AbortSignal,
): Promise<AuditedLog> {
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main], {
    stdio: ['pipe', 'pipe', 'inherit'],
    signal,
  });
  const ended = once(child, 'close');
  child.stdin.end(JSON.stringify(request));
  const output = await text(child.stdout);
  const [status] = await ended;
  if (status !== 0) throw new Error(`the auditor ended with status ${status}`);
  return JSON.parse(output) as AuditedLog;
}
