import type { LogFields, Logger } from '@troupe/core';
import type { Progress, SagaEvent } from '@troupe/core/internal';

/** One line of the log. */
export interface SagaNews {
  readonly level: Exclude<keyof Logger, 'debug'>;
  readonly message: string;
  readonly fields: LogFields;
}

/** What people should hear of: a saga that is stuck or goes on, and what no definition expects. */
export function sagaNews(
  { saga, sagaId }: Pick<Progress, 'saga' | 'sagaId'>,
  events: readonly SagaEvent[],
): readonly SagaNews[] {
  const about = { saga, sagaId };
  return events.flatMap((event): SagaNews[] => {
    switch (event.type) {
      case 'saga-stuck': {
        const { reason, step } = event;
        const fields = { ...about, reason, step };
        return [{ level: 'error', message: `a saga is stuck: ${reason}`, fields }];
      }
      case 'saga-resumed':
        return [{ level: 'info', message: 'a saga that was stuck goes on', fields: about }];
      case 'deviation-seen': {
        const { deviation, detail } = event;
        const fields = { ...about, deviation, detail };
        return [{ level: 'warn', message: `a saga deviates: ${deviation}`, fields }];
      }
      case 'saga-forgotten': {
        if (event.reason === 'ended') return [];
        const message = 'outcomes are forgotten: the start of their saga did not come';
        return [{ level: 'warn', message, fields: about }];
      }
      default:
        return [];
    }
  });
}
