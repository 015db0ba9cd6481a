import { TroupeError } from '@troupe/core';
import type { CompatibilityLevel, SchemaRegistry } from '@troupe/schema-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface RegistryFeatures {
  /** The registry can be taken away and brought back: `stop` and `restart` are used. */
  readonly outage: boolean;
}

export interface RegistryFixture {
  /** A client of one registry, the same for every call, that gives new subjects this level. */
  open(compatibility: CompatibilityLevel): SchemaRegistry;
  /** Makes the registry unreachable. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export interface RegistrySetup {
  setup(): Promise<RegistryFixture>;
  teardown(fixture: RegistryFixture): Promise<void>;
}

interface FieldJson {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
}

const orderId: FieldJson = { name: 'orderId', type: 'string' };
const note: FieldJson = { name: 'note', type: 'string' };
const noteWithDefault: FieldJson = { ...note, default: '' };
const signal = new AbortController().signal;

let subjects = 0;
/** Of this process alone, so that a registry that keeps its schemas can be used again. */
function newSubject(): string {
  subjects += 1;
  return `contract.p${process.pid}.t${Date.now()}.Order${subjects}`;
}

function schemaOf(subject: string, ...fields: readonly FieldJson[]): string {
  const dot = subject.lastIndexOf('.');
  return JSON.stringify({
    type: 'record',
    name: subject.slice(dot + 1),
    namespace: subject.slice(0, dot),
    fields,
  });
}

/** Keeps each sentence of the port `SchemaRegistry`. Call it at the top of a test file of the implementation. */
export function registryContract(
  name: string,
  features: RegistryFeatures,
  { setup, teardown }: RegistrySetup,
): void {
  describe(`schema registry contract: ${name}`, () => {
    let fixture: RegistryFixture;
    let registry: SchemaRegistry;
    beforeAll(async () => {
      fixture = await setup();
      registry = fixture.open('FULL_TRANSITIVE');
    });
    afterAll(() => teardown(fixture));

    it('has a name without credentials', () => {
      expect(registry.name).not.toBe('');
      expect(registry.name).not.toContain('@');
    });

    it('gives back the very text that was registered', async () => {
      const subject = newSubject();
      const text = schemaOf(subject, orderId, noteWithDefault);
      const id = await registry.register(subject, text, signal);
      expect(id).toBeGreaterThanOrEqual(0);
      expect(JSON.parse((await registry.schemaById(id, signal)) ?? '')).toEqual(JSON.parse(text));
    });

    it('gives one text one id, also when it is registered by several at once', async () => {
      const subject = newSubject();
      const text = schemaOf(subject, orderId);
      const once = () => fixture.open('FULL_TRANSITIVE').register(subject, text, signal);
      const ids = await Promise.all([once(), once(), once(), once()]);
      expect(new Set([...ids, await once()]).size).toBe(1);
    });

    it('gives another version another id, and keeps the old one', async () => {
      const subject = newSubject();
      const first = await registry.register(subject, schemaOf(subject, orderId), signal);
      const second = await registry.register(
        subject,
        schemaOf(subject, orderId, noteWithDefault),
        signal,
      );
      expect(second).not.toBe(first);
      expect(await registry.schemaById(first, signal)).not.toContain('note');
    });

    it('knows no schema of an id that it did not give', async () => {
      for (const id of [0, 999_999, 2 ** 31 - 1, 2 ** 32 - 1]) {
        expect(await registry.schemaById(id, signal)).toBeUndefined();
      }
    });

    it('takes anything for a subject without versions, and the check changes nothing', async () => {
      const subject = newSubject();
      const check = (text: string) => registry.checkCompatibility(subject, text, signal);
      const compatible = { compatible: true, reasons: [] };
      expect(await check(schemaOf(subject, orderId))).toEqual(compatible);
      expect(await check(schemaOf(subject, note))).toEqual(compatible);
    });

    /** What may follow `[orderId]`, by level. */
    const evolutions: readonly {
      readonly what: string;
      readonly versions: readonly (readonly FieldJson[])[];
      readonly allowed: readonly CompatibilityLevel[];
    }[] = [
      {
        what: 'a new field with a default',
        versions: [[orderId], [orderId, noteWithDefault]],
        allowed: ['BACKWARD', 'FORWARD', 'FULL', 'FULL_TRANSITIVE', 'NONE'],
      },
      {
        what: 'a new field without a default',
        versions: [[orderId], [orderId, note]],
        allowed: ['FORWARD', 'NONE'],
      },
      {
        what: 'a field taken away that had no default',
        versions: [[orderId, note], [orderId]],
        allowed: ['BACKWARD', 'NONE'],
      },
      {
        what: 'a field of another type',
        versions: [[orderId], [{ ...orderId, type: 'int' }]],
        allowed: ['NONE'],
      },
      {
        what: 'what fits the last version but not the one before it',
        versions: [
          [orderId, noteWithDefault],
          [orderId],
          [orderId, { ...noteWithDefault, type: 'int', default: 0 }],
        ],
        allowed: ['BACKWARD', 'FORWARD', 'FULL', 'NONE'],
      },
    ];
    const levels = ['NONE', 'BACKWARD', 'FORWARD', 'FULL', 'FULL_TRANSITIVE'] as const;
    for (const { what, versions, allowed } of evolutions) {
      for (const level of levels) {
        const taken = allowed.includes(level);
        it(`${level} ${taken ? 'takes' : 'refuses'} ${what}`, async () => {
          const subject = newSubject();
          const ofLevel = fixture.open(level);
          const texts = versions.map((fields) => schemaOf(subject, ...fields));
          const next = texts.pop() ?? '';
          for (const text of texts) await ofLevel.register(subject, text, signal);
          const { compatible, reasons } = await ofLevel.checkCompatibility(subject, next, signal);
          expect(compatible).toBe(taken);
          expect(reasons.length > 0).toBe(!taken);
          const registered = ofLevel.register(subject, next, signal);
          if (taken) expect(await registered).toBeGreaterThanOrEqual(0);
          else await expect(registered).rejects.toMatchObject({ code: 'schema-incompatible' });
        });
      }
    }

    it('refuses a text that is no schema, naming the subject', async () => {
      const subject = newSubject();
      for (const text of ['nonsense{', '{"type":"record"}', '{"type":"no such type"}']) {
        const registered = registry.register(subject, text, signal);
        await expect(registered).rejects.toMatchObject({
          code: 'schema-incompatible',
          retryable: false,
          message: expect.stringContaining(subject),
        });
      }
    });

    it('says why a schema is refused, and with which field', async () => {
      const subject = newSubject();
      await registry.register(subject, schemaOf(subject, orderId), signal);
      const next = schemaOf(subject, orderId, note);
      const { reasons } = await registry.checkCompatibility(subject, next, signal);
      expect(reasons.join()).toMatch(/note|fields\/1/);
      await expect(registry.register(subject, next, signal)).rejects.toThrow(/note|fields\/1/);
    });

    describe.skipIf(!features.outage)('while the registry is away', () => {
      it('fails retryably, naming the address, and works again when it is back', async () => {
        const subject = newSubject();
        const text = schemaOf(subject, orderId);
        const id = await registry.register(subject, text, signal);
        await fixture.stop();
        for (const call of [
          () => registry.checkCompatibility(subject, text, signal),
          () => registry.register(subject, text, signal),
          () => registry.schemaById(id, signal),
        ]) {
          const error: unknown = await call().catch((reason: unknown) => reason);
          expect(error).toBeInstanceOf(TroupeError);
          expect(error).toMatchObject({ code: 'schema-unavailable', retryable: true });
          expect(String(error)).toContain(registry.name);
        }
        await fixture.restart();
        expect(await registry.register(subject, text, signal)).toBe(id);
      });
    });
  });
}
