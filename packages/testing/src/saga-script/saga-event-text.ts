import { inDoubt, type SagaEvent } from '@troupe/core/internal';

/** A saga event in few words, to be read by people: `reserve succeeded`, `undo reserve`, `stuck: pivot-in-doubt ship`. */
export function sagaEventText(event: SagaEvent): string {
  switch (event.type) {
    case 'saga-started':
      return 'started';
    case 'saga-awaited':
      return 'awaited';
    case 'step-succeeded':
      return `${event.step} succeeded`;
    case 'step-rejected':
      return `${event.step} rejected`;
    case 'step-failed':
      return `${event.step} failed${event.inDoubt ? ' in doubt' : ''}`;
    case 'step-timed-out':
      return `${event.step} timed out`;
    case 'step-skipped':
      return `${event.step} skipped (${event.reason})`;
    case 'step-compensated':
      return `${event.step} compensated${doubt(event.undoes)}`;
    case 'compensation-failed':
      return `${event.step} compensation failed${doubt(event.undoes)}`;
    case 'compensation-timed-out':
      return `${event.step} compensation timed out${doubt(event.undoes)}`;
    case 'saga-timed-out':
      return 'timed out';
    case 'deviation-seen':
      return `deviation: ${event.deviation}`;
    case 'step-requested':
      return `request ${event.step}${again(event.requestNumber)}`;
    case 'cancel-requested':
      return `cancel ${event.step}${again(event.requestNumber)}`;
    case 'compensation-requested':
      return `undo ${event.step}${doubt(event.undoes)}${again(event.requestNumber)}`;
    case 'saga-doomed':
      return `doomed: ${withStep(event.cause, event.step)}`;
    case 'saga-stuck':
      return `stuck: ${withStep(event.reason, event.step)}`;
    case 'saga-resumed':
      return 'resumed';
    case 'saga-completed':
      return 'ends completed';
    case 'saga-compensated':
      return 'ends compensated';
    case 'saga-forgotten':
      return `forgotten: ${event.reason}`;
  }
}

function doubt(undoes: string): string {
  return undoes === inDoubt ? ' in doubt' : '';
}

function again(requestNumber: number): string {
  return requestNumber === 1 ? '' : ` (${requestNumber})`;
}

function withStep(what: string, step: string | undefined): string {
  return step === undefined ? what : `${what} ${step}`;
}
