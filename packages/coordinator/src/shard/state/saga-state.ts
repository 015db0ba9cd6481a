import { type Progress, type TraceHeaders, withLostInput } from '@troupe/core/internal';
import type { SagaEntry } from './saga-entry.ts';

/** What is durable of one saga beside its key and its payloads. */
export interface SagaState {
  readonly revision: number;
  readonly trace: TraceHeaders;
  readonly progress: Progress;
}

/** JSON: people read it, too. */
export function sagaState({ revision, trace, progress }: SagaEntry): Buffer {
  const state: SagaState = { revision, trace, progress };
  return Buffer.from(JSON.stringify(state));
}

/** Only `sagaState` writes it, of this version or of one before. */
export function readSagaState(bytes: Uint8Array): SagaState {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const state = JSON.parse(text) as SagaState;
  return { ...state, progress: withLostInput(state.progress) };
}
