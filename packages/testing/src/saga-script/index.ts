export { type GraphSketch, graphOf, type StepSketch } from './graph-of.ts';
export { graphText } from './graph-text.ts';
export { sagaEventText } from './saga-event-text.ts';
export { type InputDetails, SagaScript } from './saga-script.ts';
