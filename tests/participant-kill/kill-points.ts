import { type Checkpoint, checkpoints } from '@troupe/core';

/** Every checkpoint of a record, and the moment after its group's offsets were committed, which is the transport's. */
export const killPoints = [...checkpoints, 'offsets-committed'] as const;

export type KillPoint = Checkpoint | 'offsets-committed';

export const doomedServices = ['order', 'inventory', 'payment', 'shipping'] as const;

export type DoomedService = (typeof doomedServices)[number];

/** What the process writes when it starts, and as the last thing of all. */
export const words = {
  begins: (service: DoomedService) => `${service} begins`,
  dies: (point: KillPoint) => `killed at ${point}`,
  freezes: (point: KillPoint) => `frozen at ${point}`,
} as const;
