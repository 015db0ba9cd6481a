import { OptionValues } from '../option-values.ts';

export interface CoordinatorBenchOptions {
  /** Events that wait in the topics when the coordinator starts. */
  readonly events: number;
  /** Commit intervals, one measurement each. */
  readonly intervalsMs: readonly number[];
  /** Sagas that are open when the coordinator starts, one measurement each. */
  readonly open: readonly number[];
  readonly partitions: number;
  readonly json: boolean;
}

export const coordinatorUsage = `usage: npm run bench -- coordinator [options]
Measures one coordinator on Kafka: how fast it folds events that wait in the topics, and what sagas that are open cost it.
  --events N            events that wait, of sagas of five events each (default 100000)
  --intervals LIST      commit intervals in ms, separated by commas, or none (default 5,10,25,50,100)
  --open LIST           open sagas, separated by commas, or none (default 0,100000)
  --partitions N        of every topic (default 4)
  --json                one JSON object on standard output, all else on standard error
Uses the empty Kafka that KAFKA_BROKERS names, else starts one.`;

export function parseCoordinatorOptions(args: readonly string[]): CoordinatorBenchOptions {
  const given = new OptionValues(coordinatorUsage);
  const values = given.parse(args, {
    events: { type: 'string', default: '100000' },
    intervals: { type: 'string', default: '5,10,25,50,100' },
    open: { type: 'string', default: '0,100000' },
    partitions: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  });
  const listOf = (option: 'intervals' | 'open', min: number, max: number) =>
    values[option] === 'none'
      ? []
      : given.numbers(option, values[option], { min, max, whole: true });
  const intervalsMs = listOf('intervals', 1, 60_000);
  const open = listOf('open', 0, 10_000_000);
  if (intervalsMs.length + open.length === 0) {
    throw given.wrong('--intervals none and --open none leave nothing to measure');
  }
  return {
    events: given.number('events', values.events, { min: 1_000, max: 10_000_000, whole: true }),
    intervalsMs,
    open,
    partitions: given.number('partitions', values.partitions, { min: 1, max: 64, whole: true }),
    json: values.json,
  };
}
