import { Buffer } from 'node:buffer';

const lengthBytes = 4;

/** Cuts what comes over a connection into Kafka's frames: a length of four bytes, and as many bytes as it says. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted = lengthBytes;

  /** The frames that are complete with `chunk`, each with its length before it. */
  *read(chunk: Buffer): Iterable<Buffer> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#wanted) {
      const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
      if (all === undefined) return;
      const end = lengthBytes + all.readInt32BE(0);
      this.#chunks = [all];
      this.#wanted = end;
      if (all.length < end) continue;
      yield all.subarray(0, end);
      this.#chunks = [all.subarray(end)];
      this.#bytes = all.length - end;
      this.#wanted = lengthBytes;
    }
  }
}
