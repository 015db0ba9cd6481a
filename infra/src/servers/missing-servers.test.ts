import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { missingServers } from './missing-servers.ts';

let folder: string;

/** A machine without a cache, with only the programs that a test gives it. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-machine-'));
  vi.stubEnv('TROUPE_HOSTING', 'processes');
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('PATH', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function installProgram(name: string, output = ''): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho '${output}' >&2\n`);
  chmodSync(join(folder, name), 0o755);
}

const named = {
  KAFKA_BROKERS: 'broker:9092',
  SCHEMA_REGISTRY_URL: 'http://registry',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318',
  JAEGER_QUERY_URL: 'http://jaeger:16686',
};

describe('missingServers', () => {
  it('names what each server lacks and the ways out', async () => {
    const missing = await missingServers({});
    expect(missing.map(({ server }) => server)).toEqual(['kafka', 'schema-registry', 'jaeger']);
    expect(missing[0]?.reason).toMatch(/needs Java 17: install.*or start Docker, or set KAFKA_BRO/);
    expect(missing[2]?.reason).toMatch(/needs Go: install/);
  });

  it('asks for Maven only after Java is there', async () => {
    installProgram('java', 'openjdk version "21.0.1"');
    const [kafka] = await missingServers({});
    expect(kafka?.reason).toContain('Kafka needs Maven');
  });

  it('refuses a Java that is too old, by name', async () => {
    vi.stubEnv('PATH', [folder, '/bin'].join(delimiter));
    installProgram('java', 'openjdk version "11.0.2"');
    const [kafka] = await missingServers({});
    expect(kafka?.reason).toContain(`${join(folder, 'java')} is Java 11`);
  });

  it('misses nothing that has all programs, or that the environment names', async () => {
    expect(await missingServers(named)).toEqual([]);
    installProgram('java', 'openjdk version "17.0.15"');
    installProgram('mvn');
    installProgram('go');
    expect(await missingServers({})).toEqual([]);
  });
});
