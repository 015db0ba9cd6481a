import { Buffer } from 'node:buffer';
import type { Clock } from '../../ports/clock.ts';
import type { Claim, IncomingRecord, PartitionReader } from '../../ports/transport.ts';
import { DoneWatermark } from './done-watermark.ts';
import { KeyLane, LaneRecord } from './key-lane.ts';
import type { SortedRecord } from './sort-record.ts';
import { Tenure } from './tenure.ts';

export interface PartitionIntakeOptions {
  readonly claim: Claim;
  /** What the group reads; of each the partition of the claim's number. */
  readonly topics: readonly string[];
  readonly clock: Clock;
  readonly drainTimeoutMs: number;
  /** Must not throw. */
  readonly sort: (record: IncomingRecord) => SortedRecord;
  /** True: done. False: left undone, its key goes no further here. Must not reject. */
  readonly process: (record: LaneRecord, tenure: Tenure) => Promise<boolean>;
  /** How much this partition number may hold now. */
  readonly share: () => Share;
}

export interface Share {
  readonly records: number;
  readonly bytes: number;
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
 * 2. A record that is slow, or is left undone, holds back the records of its own key and nothing else (I6).
 * 3. An offset is marked as done when every record below it was passed over or is done.
 * 4. No more than the share is held, plus what one delivery brings at once; then the claim is paused (I8).
 * 5. Once the tenure is ending nothing new is begun.
 */
export class PartitionIntake implements PartitionReader {
  readonly #options: PartitionIntakeOptions;
  readonly #topics = new Map<string, TopicProgress>();
  readonly #lanes = new Map<string, KeyLane>();
  readonly #tenure = new Tenure();
  #records = 0;
  #bytes = 0;
  #paused = false;
  /** Lanes with a record in work, and who waits for there to be none. */
  #working = 0;
  #whenIdle: (() => void) | undefined;

  constructor(options: PartitionIntakeOptions) {
    this.#options = options;
  }

  onRecords(records: readonly IncomingRecord[]): void {
    if (this.#tenure.ending) return;
    for (const record of records) {
      const progress = this.#progressOf(record);
      const sorted = this.#options.sort(record);
      if (sorted.kind === 'pass') progress.watermark.passOver(record.offset);
      else this.#enter(new LaneRecord(record, sorted), progress);
    }
    for (const [topic, progress] of this.#topics) this.#markDone(topic, progress);
    this.#pauseWhenFull();
  }

  async onRevoked(): Promise<void> {
    this.#tenure.beginEnding(); // invariant 5
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
  }

  #progressOf({ topic, offset }: IncomingRecord): TopicProgress {
    let progress = this.#topics.get(topic);
    if (progress === undefined) {
      progress = { watermark: new DoneWatermark(offset), marked: offset };
      this.#topics.set(topic, progress);
    }
    return progress;
  }

  #enter(entered: LaneRecord, { watermark }: TopicProgress): void {
    watermark.begin(entered);
    this.#records += 1;
    this.#bytes += entered.bytes;
    // One character a byte: any key, readable or not, has a lane of its own.
    const key =
      entered.record.key === null ? '' : Buffer.from(entered.record.key).toString('latin1');
    const lane = this.#lanes.get(key);
    if (lane !== undefined) {
      lane.add(entered);
      return;
    }
    const opened = new KeyLane(entered);
    this.#lanes.set(key, opened);
    void this.#work(key, opened);
  }

  /** Works a lane off. Does not reject. */
  async #work(key: string, lane: KeyLane): Promise<void> {
    this.#working += 1;
    for (let next = lane.first; next !== undefined && !this.#tenure.ending; next = lane.first) {
      const done = await this.#options.process(next, this.#tenure); // invariant 1
      if (!done) break; // invariant 2
      lane.removeFirst();
      this.#leave(next);
    }
    if (lane.first === undefined) this.#lanes.delete(key);
    this.#working -= 1;
    if (this.#working === 0) this.#whenIdle?.();
  }

  #leave(done: LaneRecord): void {
    const { topic } = done.record;
    this.#records -= 1;
    this.#bytes -= done.bytes;
    const progress = this.#topics.get(topic);
    if (progress === undefined) return;
    progress.watermark.end(done);
    this.#markDone(topic, progress);
    this.#resumeWhenRoom();
  }

  #markDone(topic: string, progress: TopicProgress): void {
    const { doneBelow } = progress.watermark;
    if (doneBelow === progress.marked) return;
    progress.marked = doneBelow;
    this.#options.claim.markDone(topic, doneBelow); // invariant 3
  }

  #pauseWhenFull(): void {
    if (this.#paused) return;
    const share = this.#options.share();
    if (this.#records < share.records && this.#bytes < share.bytes) return;
    this.#paused = true; // invariant 4
    this.#options.claim.pause(this.#options.topics);
  }

  /** At half of the share, so that the fetching of the next records overlaps with the work on these. */
  #resumeWhenRoom(): void {
    if (!this.#paused) return;
    const share = this.#options.share();
    if (this.#records > share.records / 2 || this.#bytes > share.bytes / 2) return;
    this.#paused = false;
    this.#options.claim.resume(this.#options.topics);
  }
}
