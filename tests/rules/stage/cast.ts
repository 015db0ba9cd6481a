import { DatabaseSync } from 'node:sqlite';
import type { Event, StepContext } from '@troupe/core';
import { createSqliteInbox, type SqliteInbox } from '@troupe/sqlite';
import { type Play, succeeds } from './plays.ts';

/** What each handler does for one saga, by `reserve` or `undo reserve`. What is not named succeeds. */
export type Script = Readonly<Record<string, Play>>;

/** One call of a handler. */
export interface Call {
  readonly part: string;
  readonly attempt: number;
  readonly effectId: string;
  readonly input: unknown;
  /** Of the step that is undone; undefined where it is in doubt. */
  readonly output: unknown;
}

export interface Performance<Done extends Event, Refused extends Event = never> {
  readonly part: string;
  readonly input: unknown;
  readonly output?: unknown;
  readonly done: () => Done;
  readonly refused?: () => Refused;
}

/**
 * The handlers' behaviour, saga by saga, and what they did.
 *
 * Owns the scripts and the books. An effect is a row in its participant's database, written in the transaction of its
 * inbox: what is counted is what was committed.
 */
export class Cast {
  readonly #scripts = new Map<string, Script>();
  readonly #calls = new Map<string, Call[]>();
  /** A connection of our own to each database: its participant may have stopped. */
  readonly #books = new Map<string, DatabaseSync>();
  #effects = 0;

  /** Two sagas may have one id. */
  give(sagaId: string, script: Script): void {
    this.#scripts.set(sagaId, { ...this.#scripts.get(sagaId), ...script });
  }

  callsOf(sagaId: string): readonly Call[] {
    return this.#calls.get(sagaId) ?? [];
  }

  /** The effects of a saga over all participants, in the order of their transactions. */
  effectsOf(sagaId: string): readonly string[] {
    return [...this.#books.values()]
      .flatMap((book) =>
        book.prepare('SELECT number, part FROM effects WHERE saga_id = ?').all(sagaId),
      )
      .sort((a, b) => Number(a['number']) - Number(b['number']))
      .map(({ part }) => String(part));
  }

  /** The inbox of one participant, with the table of its effects. */
  inbox(path: string): SqliteInbox {
    return createSqliteInbox({
      path,
      // The books end with the test.
      synchronous: 'normal',
      onOpen: (database) => {
        database.exec(
          'CREATE TABLE IF NOT EXISTS effects (number INTEGER, saga_id TEXT, part TEXT)',
        );
        if (!this.#books.has(path)) this.#books.set(path, new DatabaseSync(path));
      },
    });
  }

  close(): void {
    for (const book of this.#books.values()) book.close();
  }

  async perform<Done extends Event, Refused extends Event = never>(
    ctx: StepContext,
    inbox: SqliteInbox | undefined,
    { part, input, output, done, refused }: Performance<Done, Refused>,
  ): Promise<Done | Refused> {
    const { sagaId, attempt, effectId } = ctx;
    this.#calls.set(sagaId, [...this.callsOf(sagaId), { part, attempt, effectId, input, output }]);
    const play = this.#scripts.get(sagaId)?.[part] ?? succeeds;
    const ending = await play();
    if (ending === 'refuses' && refused !== undefined) return refused();
    if (inbox === undefined) return done();
    return ctx.transaction(inbox, (database) => {
      this.#effects += 1;
      database.prepare('INSERT INTO effects VALUES (?, ?, ?)').run(this.#effects, sagaId, part);
      return done();
    });
  }
}
