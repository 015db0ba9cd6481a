import { Buffer } from 'node:buffer';
import type { Clock } from '../../ports/clock.ts';
import type { Claim, IncomingRecord, PartitionReader } from '../../ports/transport.ts';
import type { CheckpointHook } from '../checkpoints.ts';
import { EndableTenure, type Tenure } from '../waiting/tenure.ts';
import { DoneWatermark } from './done-watermark.ts';
import { type Held, KeyLane, QueuedRecord } from './key-lane.ts';
import type { SortedRecord } from './sort-record.ts';

export interface PartitionIntakeOptions {
  readonly claim: Claim;
  /** What the group reads; of each the partition of the claim's number. */
  readonly topics: readonly string[];
  readonly clock: Clock;
  readonly drainTimeoutMs: number;
  /** Must not throw. */
  readonly sort: (record: IncomingRecord) => SortedRecord;
  /** True: done. False: left undone, its key goes no further here. Must not reject. */
  readonly process: (record: QueuedRecord, tenure: Tenure) => Promise<boolean>;
  /** How much this partition number may hold now. */
  readonly share: () => Share;
  readonly checkpoint?: CheckpointHook | undefined;
  /** It holds nothing any more. */
  readonly onEnd?: (() => void) | undefined;
}

/** What is in work or waits for its turn, and what belongs to keys that are parked. */
export interface Share {
  readonly buffered: Readonly<Held>;
  readonly parked: Readonly<Held>;
}

interface TopicProgress {
  readonly watermark: DoneWatermark;
  marked: bigint;
}

/**
 * The records of one partition number, from their arrival until their offsets are done.
 *
 * Owns the lanes of its keys, what is done of each topic, and the pausing of its claim. Does not own handlers, slots or
 * sending: `process` does the work of one record.
 *
 * Invariants
 * 1. The records of one key are processed one after the other, in the order of their arrival, over all topics.
 * 2. A record that is slow, or is left undone, holds back the records of its own key and nothing else (I6), until the
 *    parked keys hold their whole share.
 * 3. An offset is marked as done when every record below it was passed over or is done. Markers and aborted records count
 *    as passed over: a topic may end in them, and they may be all that is left of it.
 * 4. No more than the share is held, plus what one delivery brings at once; then the claim is paused (I8).
 * 5. Once the tenure is ending no further record is begun. It ends when the claim is revoked or lost, whichever comes
 *    first: a consumer that crashes revokes nothing.
 */
export class PartitionIntake implements PartitionReader {
  readonly #options: PartitionIntakeOptions;
  readonly #topics = new Map<string, TopicProgress>();
  readonly #lanes = new Map<string, KeyLane>();
  readonly #tenure = new EndableTenure();
  readonly #buffered: Held = { records: 0, bytes: 0 };
  readonly #parked: Held = { records: 0, bytes: 0 };
  #paused = false;
  /** Lanes with a record in work, and who waits for there to be none. */
  #working = 0;
  #whenIdle: (() => void) | undefined;
  #ending: Promise<void> | undefined;
  readonly #onLost = (): void => void this.end();

  constructor(options: PartitionIntakeOptions) {
    this.#options = options;
    options.claim.lost.addEventListener('abort', this.#onLost, { once: true });
  }

  onRecords(records: readonly IncomingRecord[]): void {
    if (this.#tenure.ending) return;
    for (const record of records) {
      const progress = this.#progressOf(record.topic, record.offset);
      const sorted = this.#options.sort(record);
      if (sorted.kind === 'pass') progress.watermark.passOver(record.offset + 1n);
      else this.#enter(new QueuedRecord(record, sorted), progress);
    }
    for (const topic of this.#topics.keys()) this.onPassed(topic);
    this.#pauseOrResume();
  }

  onPassed(topic: string): void {
    if (this.#tenure.ending) return;
    const progress = this.#progressOf(topic, 0n);
    progress.watermark.passOver(this.#options.claim.position(topic));
    this.#markDone(topic, progress);
  }

  onRevoked(): Promise<void> {
    return this.end();
  }

  /** Ends what was begun, within `drainTimeoutMs`. Idempotent. Does not reject. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#tenure.beginEnding(); // invariant 5
    this.#options.claim.lost.removeEventListener('abort', this.#onLost);
    const { clock, drainTimeoutMs } = this.#options;
    if (this.#working > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(drainTimeoutMs, resolve);
        this.#whenIdle = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#tenure.end();
    this.#lanes.clear();
    this.#options.onEnd?.();
  }

  /** `from`: where its first record is, at the most. */
  #progressOf(topic: string, from: bigint): TopicProgress {
    let progress = this.#topics.get(topic);
    if (progress === undefined) {
      progress = { watermark: new DoneWatermark(from), marked: from };
      this.#topics.set(topic, progress);
    }
    return progress;
  }

  #enter(entered: QueuedRecord, { watermark }: TopicProgress): void {
    watermark.begin(entered);
    const key = laneKey(entered.record);
    const lane = this.#lanes.get(key);
    if (lane !== undefined) {
      lane.add(entered);
      count(lane.parked ? this.#parked : this.#buffered, 1, entered.bytes);
      return;
    }
    const opened = new KeyLane(this.#tenure, (of, parked) => this.#onParked(of, parked));
    opened.add(entered);
    count(this.#buffered, 1, entered.bytes);
    this.#lanes.set(key, opened);
    void this.#work(key, opened);
  }

  /** Works a lane off. Does not reject. */
  async #work(key: string, lane: KeyLane): Promise<void> {
    const { checkpoint, process } = this.#options;
    this.#working += 1;
    for (let next = lane.first; next !== undefined && !this.#tenure.ending; next = lane.first) {
      const done = await process(next, lane); // invariant 1
      if (!done) {
        lane.parkForGood(); // invariant 2
        break;
      }
      lane.removeFirst();
      this.#leave(next);
      if (checkpoint !== undefined) await checkpoint('marked-done');
    }
    if (lane.first === undefined) this.#lanes.delete(key);
    this.#working -= 1;
    if (this.#working === 0) this.#whenIdle?.();
  }

  #leave(done: QueuedRecord): void {
    const { topic } = done.record;
    count(this.#buffered, -1, -done.bytes);
    const progress = this.#topics.get(topic);
    if (progress === undefined) return;
    progress.watermark.end(done);
    this.#markDone(topic, progress);
    if (this.#paused) this.#pauseOrResume();
  }

  #onParked({ held: { records, bytes } }: KeyLane, parked: boolean): void {
    const sign = parked ? 1 : -1;
    count(this.#parked, sign * records, sign * bytes);
    count(this.#buffered, -sign * records, -sign * bytes);
    if (!this.#tenure.ending) this.#pauseOrResume();
  }

  #markDone(topic: string, progress: TopicProgress): void {
    const { doneBelow } = progress.watermark;
    if (doneBelow === progress.marked) return;
    progress.marked = doneBelow;
    this.#options.claim.markDone(topic, doneBelow); // invariant 3
  }

  /** Goes on at half of the share, so that fetching the next records overlaps with the work on these. */
  #pauseOrResume(): void {
    const { claim, topics, share } = this.#options;
    const { buffered, parked } = share();
    if (this.#paused) {
      if (!isHalf(this.#buffered, buffered) || !isBelow(this.#parked, parked)) return;
      this.#paused = false;
      claim.resume(topics);
    } else if (!isBelow(this.#buffered, buffered) || !isBelow(this.#parked, parked)) {
      this.#paused = true; // invariant 4
      claim.pause(topics);
    }
  }
}

function laneKey({ key }: IncomingRecord): string {
  // One character a byte: any key, readable or not, has a lane of its own.
  return key === null ? '' : Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}

function count(held: Held, records: number, bytes: number): void {
  held.records += records;
  held.bytes += bytes;
}

function isBelow(held: Held, share: Readonly<Held>): boolean {
  return held.records < share.records && held.bytes < share.bytes;
}

function isHalf(held: Held, share: Readonly<Held>): boolean {
  return held.records <= share.records / 2 && held.bytes <= share.bytes / 2;
}
