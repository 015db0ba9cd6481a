import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { clusterSettings, images } from '@troupe/infra';
import { Ajv } from 'ajv';
import composeSchema from 'docker-compose/schema/compose-spec.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const repositoryFolder = resolve(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(repositoryFolder, ...path), 'utf8');

interface ComposeService {
  readonly image?: string;
  readonly build?: {
    readonly context: string;
    readonly dockerfile: string;
    readonly args: Readonly<Record<string, string>>;
  };
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose: Compose = parse(read('docker-compose.yml'), { merge: true });
const services = Object.entries(compose.services);
const built = services.flatMap(([name, { build }]) => (build ? [{ name, build }] : []));

describe('docker-compose.yml', () => {
  it('is a compose file', () => {
    const { $schema: _, ...schema } = composeSchema;
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(schema);
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { kafka: { imagee: 'apache/kafka' } } })).toBe(false);
  });

  it('runs the images that the tests run on', () => {
    const { kafka, apicurio, jaeger } = images;
    expect(compose.services['kafka']?.image).toBe(kafka);
    expect(compose.services['schema-registry']?.image).toBe(apicurio);
    expect(compose.services['jaeger']?.image).toBe(jaeger);
  });

  it('pins every image to a version', () => {
    for (const [name, { image, build }] of services) {
      if (build === undefined) expect(image, name).toMatch(/^[^:]+:\d+\.\d+\.\d+$/);
    }
  });

  it('gives Kafka the settings that the tests run on', () => {
    const wanted = Object.entries(clusterSettings(1)).map(([name, value]) => {
      return [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value];
    });
    expect(compose.services['kafka']?.environment).toMatchObject(Object.fromEntries(wanted));
  });

  it('waits for what a service needs: for its health, or for its end', () => {
    for (const [name, { depends_on: needs = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        const service = compose.services[needed];
        expect(service, `${name} needs ${needed}`).toBeDefined();
        const hasHealth = service?.healthcheck !== undefined;
        expect(condition, `${name} needs ${needed}`).toBe(
          hasHealth ? 'service_healthy' : 'service_completed_successfully',
        );
      }
    }
  });

  it('waits for the topics before any service starts, and knows the health of each', () => {
    const running = built.filter(({ name }) => name !== 'topics');
    expect(running.map(({ name }) => name).sort()).toEqual([
      'coordinator',
      'inventory',
      'order',
      'payment',
      'shipping',
    ]);
    for (const { name } of running) {
      expect(Object.keys(compose.services[name]?.depends_on ?? {})).toContain('topics');
      expect(compose.services[name]?.healthcheck, name).toBeDefined();
    }
  });

  it('names only hosts and ports that are there', () => {
    const names = Object.keys(compose.services);
    for (const [name, { environment = {} }] of services) {
      const urls = [environment['SCHEMA_REGISTRY_URL'], environment['OTEL_EXPORTER_OTLP_ENDPOINT']];
      for (const url of urls) {
        if (url !== undefined) expect(names, name).toContain(new URL(url).hostname);
      }
      const brokers = environment['KAFKA_BROKERS'];
      if (brokers !== undefined) {
        const advertised = compose.services['kafka']?.environment?.['KAFKA_ADVERTISED_LISTENERS'];
        expect(advertised, name).toContain(`//${brokers}`);
      }
    }
  });

  it('opens ports on this machine only, and declares each volume', () => {
    for (const [name, { ports = [], volumes = [] }] of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      for (const volume of volumes) {
        expect(Object.keys(compose.volumes), name).toContain(volume.split(':')[0]);
      }
    }
  });
});

describe.each(built)('the image of $name', ({ build }) => {
  const dockerfile = read(build.dockerfile);
  const stages = dockerfile.split(/^FROM /m).slice(1);
  const lastStage = stages.at(-1) ?? '';

  it('runs a service that is there', () => {
    expect(build.context).toBe('.');
    const workspace = build.args['WORKSPACE'] ?? '';
    expect(existsSync(join(repositoryFolder, workspace, 'src', 'main.ts'))).toBe(true);
    expect(lastStage).toContain('CMD ["node", "src/main.ts"]');
  });

  it('is built in stages on the Node that the project runs on', () => {
    const { node } = JSON.parse(read('package.json')).devDependencies;
    expect(stages.length).toBeGreaterThan(1);
    for (const stage of stages) expect(stage).toMatch(new RegExp(`^node:${node}-`));
  });

  it('has production dependencies only, and does not run as root', () => {
    expect(dockerfile).toMatch(/npm pkg delete devDependencies --workspaces/);
    expect(dockerfile).toMatch(/npm ci --omit=dev/);
    expect(lastStage).not.toMatch(/npm (ci|install)/);
    const users = [...lastStage.matchAll(/^USER (\S+)/gm)].map(([, user]) => user);
    expect(users.at(-1)).toBe('node');
  });

  it('is made from a context that holds what the Dockerfile copies, and nothing else', () => {
    const context = read('.dockerignore').split('\n');
    expect(context).toContain('*');
    for (const needed of ['package.json', 'package-lock.json', '.npmrc', 'packages', 'services']) {
      expect(context).toContain(`!${needed}`);
    }
    expect(context).toContain('**/node_modules');
  });
});
