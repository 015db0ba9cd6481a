import type { TopicDirectory } from '../../topics/topic-directory.ts';
import type { GroupSeat } from './group-seat.ts';

/** For each partition number, where each topic is read from: the committed offset, else the first one that there is. */
export async function startPositions(
  numbers: readonly number[],
  topics: readonly string[],
  seat: GroupSeat,
  directory: TopicDirectory,
): Promise<ReadonlyMap<number, ReadonlyMap<string, bigint>>> {
  const committed = await seat.committed(
    numbers.flatMap((partition) => topics.map((topic) => ({ topic, partition }))),
  );
  const found = new Map<number, ReadonlyMap<string, bigint>>();
  for (const number of numbers) {
    const own = committed.filter(({ partition }) => partition === number);
    const positions = new Map(own.map(({ topic, offset }) => [topic, offset]));
    const missing = topics.filter((topic) => !positions.has(topic));
    if (missing.length > 0) {
      const starts = await directory.offsets(missing, number, 'start');
      for (const topic of missing) positions.set(topic, starts.get(topic) ?? 0n);
    }
    found.set(number, positions);
  }
  return found;
}
