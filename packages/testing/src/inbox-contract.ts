import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Inbox, InboxRow, InboxStatus } from '@troupe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** What an inbox is said to be able to do; what it is not shows as skipped. */
export interface InboxFeatures {
  /** Rows outlive the process: `reopen` and `recorder` are used. */
  readonly durable: boolean;
  /** `write` of the fixture works inside the inbox's own transaction. */
  readonly effects: boolean;
  /** A work may return a promise. Where not, a promise is refused and nothing is written. */
  readonly asyncWork: boolean;
}

/** One inbox, started, with a table of effects beside it. */
export interface InboxFixture<Tx> {
  readonly inbox: Inbox<Tx>;
  /** Adds one effect by the transaction that a work was given. */
  write(tx: Tx, effect: string): void;
  /** Every effect that was committed, in any order. */
  effects(): readonly string[];
  /** Closes the inbox and opens the same rows again, as a new process would. */
  reopen(): Promise<InboxFixture<Tx>>;
  /**
   * A program that opens the same rows and, until it is killed, records one effect after the other, each with one
   * write of its own effect id, printing a line for each that was acknowledged: its effect id.
   */
  readonly recorder: { readonly file: string; readonly args: readonly string[] } | undefined;
}

export interface InboxSetup<Tx> {
  setup(): Promise<InboxFixture<Tx>>;
  teardown(fixture: InboxFixture<Tx>): Promise<void>;
}

/** Every status but `failed`, which is replaced. */
const finalStatuses: readonly InboxStatus[] = [
  'succeeded',
  'rejected',
  'skipped',
  'cancelled',
  'compensated',
  'handled',
];

/** Keeps each sentence of the port `Inbox`. Call it at the top of a test file of the implementation. */
export function inboxContract<Tx>(
  name: string,
  features: InboxFeatures,
  { setup, teardown }: InboxSetup<Tx>,
): void {
  describe(`inbox contract: ${name}`, () => {
    let fixture: InboxFixture<Tx>;
    const record = (effectId: string, row: InboxRow = rowOf('succeeded')): Promise<InboxRow> =>
      fixture.inbox.record(effectId, (tx) => {
        fixture.write(tx, effectId);
        return row;
      });

    beforeEach(async () => {
      fixture = await setup();
    });
    afterEach(() => teardown(fixture));

    it('says whether rows survive a crash', () => {
      expect(fixture.inbox.durable).toBe(features.durable);
    });

    it('finds the row that was recorded, and nothing before', async () => {
      expect(await fixture.inbox.find('a')).toBeUndefined();
      const row = rowOf('rejected');
      expect(await record('a', row)).toEqual(row);
      expect(await fixture.inbox.find('a')).toEqual(row);
      expect(await fixture.inbox.find('A')).toBeUndefined();
    });

    it('keeps every byte of an outcome, and any text as effect id', async () => {
      const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const headers = { ce_id: 'x', 'content-type': 'application/avro', note: 'é😀"\\\n' };
      const outcome = { topic: 't', type: 'shop.A', key: "o'1😀", value, headers };
      const row: InboxRow = { status: 'succeeded', outcome, recordedAtMs: 1_700_000_000_123 };
      const effectId = `place-order/a/execute/0/o'"; --\u{1f600}`;
      await record(effectId, row);
      const found = await fixture.inbox.find(effectId);
      expect(found).toEqual(row);
      expect(new Uint8Array(found?.outcome?.value ?? [])).toEqual(value);
    });

    it('keeps a row without an outcome', async () => {
      const row: InboxRow = { status: 'handled', outcome: undefined, recordedAtMs: 1 };
      await record('a', row);
      expect(await fixture.inbox.find('a')).toEqual(row);
    });

    for (const status of finalStatuses) {
      it(`keeps a ${status} row and does not run the work of that effect again`, async () => {
        const first = rowOf(status);
        await record('a', first);
        let ran = false;
        const second = await fixture.inbox.record('a', () => {
          ran = true;
          return rowOf('failed');
        });
        expect({ ran, second }).toEqual({ ran: false, second: first });
        expect(await fixture.inbox.find('a')).toEqual(first);
      });
    }

    it('replaces a failed row', async () => {
      await record('a', rowOf('failed'));
      const row = rowOf('succeeded', 7);
      expect(await record('a', row)).toEqual(row);
      expect(await fixture.inbox.find('a')).toEqual(row);
    });

    it('runs the work once when the same effect is recorded many times at once', async () => {
      let runs = 0;
      const rows = await Promise.all(
        Array.from({ length: 20 }, () =>
          fixture.inbox.record('a', (tx) => {
            runs += 1;
            fixture.write(tx, 'a');
            return rowOf('succeeded', runs);
          }),
        ),
      );
      expect(runs).toBe(1);
      expect(new Set(rows.map((row) => row.recordedAtMs))).toEqual(new Set([1]));
    });

    it('records different effects at once', async () => {
      const effectIds = Array.from({ length: 700 }, (_, index) => `effect-${index}`);
      await Promise.all(effectIds.map((effectId) => record(effectId)));
      for (const effectId of effectIds) {
        expect(await fixture.inbox.find(effectId)).toEqual(rowOf('succeeded'));
      }
    });

    it('writes nothing when the work throws, passes the error on, and runs it at the next attempt', async () => {
      const error = new Error('no stock');
      const failing = fixture.inbox.record('a', (tx) => {
        fixture.write(tx, 'a');
        throw error;
      });
      await expect(failing).rejects.toBe(error);
      expect(await fixture.inbox.find('a')).toBeUndefined();
      expect(await record('a')).toEqual(rowOf('succeeded'));
    });

    it('keeps a failed row when the work that would replace it throws', async () => {
      await record('a', rowOf('failed'));
      const failing = fixture.inbox.record('a', () => {
        throw new Error('again');
      });
      await expect(failing).rejects.toThrow('again');
      expect(await fixture.inbox.find('a')).toEqual(rowOf('failed'));
    });

    it('refuses a record inside the work of another one', async () => {
      let nested: Promise<unknown> = Promise.resolve();
      await fixture.inbox.record('a', () => {
        nested = fixture.inbox.record('b', () => rowOf('succeeded')).catch((error) => error);
        return rowOf('succeeded');
      });
      expect(await nested).toMatchObject({
        code: 'terminal',
        message: expect.stringMatching(/^b /),
      });
      expect(await fixture.inbox.find('b')).toBeUndefined();
      expect(await fixture.inbox.find('a')).toEqual(rowOf('succeeded'));
    });

    it('prunes the rows written before a time, and only those', async () => {
      for (let atMs = 0; atMs < 1_500; atMs += 1)
        void record(`old-${atMs}`, rowOf('succeeded', atMs));
      await record('new', rowOf('succeeded', 2_000));
      await record('failed', rowOf('failed', 1));
      expect(await fixture.inbox.prune(1_400)).toBe(1_401);
      expect(await fixture.inbox.find('old-1399')).toBeUndefined();
      expect(await fixture.inbox.find('failed')).toBeUndefined();
      expect(await fixture.inbox.find('old-1400')).toBeDefined();
      expect(await fixture.inbox.find('new')).toBeDefined();
      expect(await fixture.inbox.prune(1_400)).toBe(0);
    });

    it('start and stop are idempotent, and a stopped inbox refuses work until it is started again', async () => {
      await record('a');
      await fixture.inbox.start();
      expect(await fixture.inbox.find('a')).toBeDefined();
      await fixture.inbox.stop();
      await fixture.inbox.stop();
      await expect(record('b')).rejects.toMatchObject({ code: 'stopped' });
      expect(() => fixture.inbox.find('a')).toThrow(expect.objectContaining({ code: 'stopped' }));
      await fixture.inbox.start();
      await record('b');
    });

    it('stop ends after the records that were begun', async () => {
      const begun = Promise.all([record('a'), record('b')]);
      await fixture.inbox.stop();
      expect(await begun).toEqual([rowOf('succeeded'), rowOf('succeeded')]);
      await fixture.inbox.start();
    });

    describe.skipIf(!features.asyncWork)('asynchronous work', () => {
      it('waits for the work, and runs that of one effect once', async () => {
        let runs = 0;
        const work = async (): Promise<InboxRow> => {
          runs += 1;
          await Promise.resolve();
          return rowOf('succeeded', runs);
        };
        const rows = await Promise.all([
          fixture.inbox.record('a', work),
          fixture.inbox.record('a', work),
        ]);
        expect(rows).toEqual([rowOf('succeeded', 1), rowOf('succeeded', 1)]);
      });

      it('lets the next record of the effect run after the work was rejected', async () => {
        const failing = fixture.inbox.record('a', () => Promise.reject(new Error('later')));
        const next = record('a');
        await expect(failing).rejects.toThrow('later');
        expect(await next).toEqual(rowOf('succeeded'));
      });
    });

    describe.skipIf(features.asyncWork)('asynchronous work, which is not supported', () => {
      it('is refused before it begins where it can be told', async () => {
        let ran = false;
        const refused = fixture.inbox.record('a', async () => {
          ran = true;
          return rowOf('succeeded');
        });
        await expect(refused).rejects.toMatchObject({ code: 'terminal' });
        expect(ran).toBe(false);
      });

      it('is refused with the way out when it returns a promise, and nothing is written', async () => {
        const refused = fixture.inbox.record('a', (tx) => {
          fixture.write(tx, 'a');
          return Promise.reject(new Error('never seen'));
        });
        await expect(refused).rejects.toThrow(/synchronous.*Await what you need first/);
        expect(await fixture.inbox.find('a')).toBeUndefined();
        expect(fixture.effects()).toEqual([]);
      });
    });

    describe.skipIf(!features.effects)('effects in the same transaction', () => {
      it('writes the effect and the row', async () => {
        await record('a');
        await record('a');
        expect(fixture.effects()).toEqual(['a']);
      });

      it('writes no effect when the work throws, and harms no other record of the same moment', async () => {
        const settled = await Promise.allSettled([
          record('a'),
          fixture.inbox.record('b', (tx) => {
            fixture.write(tx, 'b');
            throw new Error('no stock');
          }),
          record('c'),
        ]);
        expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect([...fixture.effects()].sort()).toEqual(['a', 'c']);
      });

      it('lets a work see the effects recorded before it', async () => {
        const seen: (readonly string[])[] = [];
        await Promise.all([
          record('a'),
          fixture.inbox.record('b', () => {
            seen.push(fixture.effects());
            return rowOf('succeeded');
          }),
        ]);
        expect(seen).toEqual([['a']]);
      });
    });

    describe.skipIf(!features.durable)('durability', () => {
      it('has its rows and effects after it was opened again', async () => {
        await record('a', rowOf('rejected', 5));
        fixture = await fixture.reopen();
        expect(await fixture.inbox.find('a')).toEqual(rowOf('rejected', 5));
        expect(fixture.effects()).toEqual(['a']);
      });

      it('has done nothing by half, and lost nothing acknowledged, when the process is killed', async () => {
        const { recorder } = fixture;
        if (recorder === undefined) throw new Error('a durable inbox needs a recorder');
        const acknowledged: string[] = [];
        await killAfterLines(recorder.file, recorder.args, acknowledged, 300);
        fixture = await fixture.reopen();
        const effects = fixture.effects();
        const rows = await Promise.all(effects.map((effectId) => fixture.inbox.find(effectId)));
        expect(effects.length).toBeGreaterThanOrEqual(300);
        expect(rows.filter((row) => row === undefined)).toEqual([]);
        expect(new Set(effects).size).toBe(effects.length);
        expect(acknowledged.filter((effectId) => !effects.includes(effectId))).toEqual([]);
        // Rows without an effect would show here: every id up to the last one has both.
        expect(await fixture.inbox.prune(Number.MAX_SAFE_INTEGER)).toBe(effects.length);
      });
    });
  });
}

/** Starts a program, kills it without warning once it printed `linesMin` lines, and waits for its end. */
async function killAfterLines(
  file: string,
  args: readonly string[],
  lines: string[],
  linesMin: number,
): Promise<void> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === linesMin) child.kill('SIGKILL');
  }
  expect((await exited)[1]).toBe('SIGKILL');
}

function rowOf(status: InboxStatus, recordedAtMs = 1_000): InboxRow {
  return {
    status,
    recordedAtMs,
    outcome: {
      topic: 'shop',
      type: 'shop.StockReserved',
      key: 'order-1',
      value: Uint8Array.of(0, 0, 0, 0, 1, 2),
      headers: { ce_id: 'id', ce_type: 'shop.StockReserved' },
    },
  };
}
