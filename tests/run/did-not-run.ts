import type { MissingServer } from '@troupe/infra';

const consequences: Record<MissingServer['server'], string> = {
  kafka: 'no integration test ran',
  'schema-registry': 'no integration test ran',
  jaeger: 'no test that reads traces back ran',
};

/** One block that says what did not run, why, and what to do about it; undefined if all did. */
export function didNotRun(missing: readonly MissingServer[], isCi: boolean): string | undefined {
  if (missing.length === 0) return undefined;
  const lines = missing.map(({ server, reason }) => {
    return `  ${server}: ${consequences[server]}.\n    ${reason}`;
  });
  const title = isCi ? 'Did not run, which is a failure in CI:' : 'Did not run on this machine:';
  return ['', title, ...lines, ''].join('\n');
}
