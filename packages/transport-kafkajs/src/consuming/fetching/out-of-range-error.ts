import { TransportError } from '@troupe/core';

interface OutOfRange {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** What the group has not read is gone. Nothing that a program does by itself can mend it. */
export function outOfRangeError(details: OutOfRange): TransportError {
  const { groupId, topic, partition, offset } = details;
  return new TransportError(
    'offset-out-of-range',
    `group ${groupId} reads ${topic}[${partition}] at offset ${offset}, which is not there: records were deleted before they were read, or the topic was made anew; set the group's offset to where it shall go on`,
    { details: { ...details } },
  );
}
