// A participant written from docs/wire-format.md alone: a plain Kafka client, an Avro library, HTTP to the registry,
// and no code of Troupe. Its service, `press-hall`, implements two steps of the saga `print-book`:
//
//   buy-paper   after press.BookOrdered: triggered by the event itself
//   print-book  a join: asked for through troupe.requests
//
// node foreign-participant.ts <brokers> <address of the registry's API>
import { createHash } from 'node:crypto';
import { type IHeaders, Kafka, type KafkaMessage, logLevel, Partitioners } from 'kafkajs';
import { bookOrdered, decode, encode, prepareSchemas, writerOf } from './foreign-schemas.ts';

const service = 'press-hall';
const saga = 'print-book';
const topics = ['press', 'troupe.requests'];
const deadLetterTopic = `${service}.dead-letter`;
const [brokers = '', registryUrl = ''] = process.argv.slice(2);

// ---- What is asked of this service, and its answers.

/** What asked: an event or a request. */
interface Cause {
  readonly sagaId: string;
  /** By name, as text. */
  readonly headers: Readonly<Record<string, string>>;
}

interface Answer {
  readonly kind: 'succeeded' | 'rejected' | 'skipped' | 'compensated';
  readonly type: string;
  readonly event: object;
}

interface Outcome {
  readonly topic: string;
  readonly kind: Answer['kind'];
  readonly message: { key: string; value: Buffer; headers: IHeaders };
}

/** What became of each effect. A real service keeps this in its database, in one transaction with the effect. */
const outcomes = new Map<string, Outcome>();

function effectId(step: string, { sagaId }: Cause, undoes?: string): string {
  const action = undoes === undefined ? 'execute' : `compensate:${undoes}`;
  return `${saga}/${step}/${action}/0/${sagaId}`;
}

/** Does the work of an effect once, and gives its outcome also when it is asked for again. */
async function once(
  step: string,
  cause: Cause,
  undoes: string | undefined,
  work: () => Answer | Promise<Answer>,
): Promise<Outcome> {
  const effect = effectId(step, cause, undoes);
  const known = outcomes.get(effect);
  if (known !== undefined) return known;
  const answer = await work();
  const writer = writerOf(answer.type);
  const id = createHash('sha1').update(`${answer.kind} ${effect}`).digest('hex').slice(0, 32);
  const headers: IHeaders = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: service,
    ce_type: answer.type,
    ce_time: new Date().toISOString(),
    'content-type': 'application/avro',
    ce_correlationid: cause.sagaId,
    ce_causationid: cause.headers['ce_id'],
    ce_saga: cause.headers['ce_saga'],
    ce_step: step,
  };
  if (undoes !== undefined) headers['ce_undoes'] = undoes;
  for (const name of ['traceparent', 'tracestate', 'baggage']) {
    if (cause.headers[name] !== undefined) headers[name] = cause.headers[name];
  }
  const message = { key: cause.sagaId, value: encode(writer, answer.event), headers };
  const outcome = { topic: writer.topic, kind: answer.kind, message };
  outcomes.set(effect, outcome);
  return outcome;
}

const cancelled = (step: string, { sagaId }: Cause): Answer => ({
  kind: 'skipped',
  type: 'troupe.StepSkipped',
  event: { correlationId: sagaId, step, reason: 'cancelled' },
});

// ---- The work.

const sheetsOf = (copies: number) => copies * 8;

function buyPaper({ sagaId }: Cause, copies: number): Answer {
  if (copies > 1_000) {
    const event = { bookId: sagaId, reason: 'so much paper is not to be had' };
    return { kind: 'rejected', type: 'press.paper.PaperRefused', event };
  }
  const cost = Buffer.alloc(4);
  cost.writeInt32BE(sheetsOf(copies) * 3); // 0.03 a sheet, in hundredths
  const event = {
    bookId: sagaId,
    sheets: sheetsOf(copies),
    cost,
    boughtAt: Date.now(),
    mill: 'Fabriano',
  };
  return { kind: 'succeeded', type: 'press.paper.PaperBought', event };
}

async function print(cause: Cause, inputs: readonly Input[]): Promise<Answer> {
  const paper = inputs.find(({ dependency }) => dependency === 'paper');
  const order = inputs.find(({ dependency }) => dependency === 'order');
  if (paper === undefined || order === undefined) throw new Error('asked to print without paper');
  const { sheets } = await decode(paper.framed);
  const { copies } = await decode(order.framed, bookOrdered);
  const event = { bookId: cause.sagaId, copies, sheets };
  return { kind: 'succeeded', type: 'press.printing.BookPrinted', event };
}

/** `output` is what the step gave, or null when nobody knows whether it happened. */
async function undo(step: string, { sagaId }: Cause, output: Input | null): Promise<Answer> {
  if (step === 'print-book') {
    const event = { bookId: sagaId };
    return { kind: 'compensated', type: 'press.printing.BookPulped', event };
  }
  const sheets = output === null ? 0 : (await decode(output.framed))['sheets'];
  const event = { bookId: sagaId, sheets };
  return { kind: 'compensated', type: 'press.paper.PaperReturned', event };
}

// ---- Records.

interface Input {
  readonly dependency?: string;
  readonly type: string;
  readonly eventId: string;
  readonly framed: Buffer;
}

interface Request {
  readonly action: 'execute' | 'compensate' | 'cancel';
  readonly inputs: readonly Input[];
  readonly output: Input | null;
  readonly undoes: string | null;
}

async function answerRequest(step: string, cause: Cause, value: Buffer): Promise<Outcome> {
  const request = (await decode(value)) as unknown as Request;
  const { action, inputs } = request;
  if (action === 'execute') return once(step, cause, undefined, () => print(cause, inputs));
  if (action === 'compensate' && request.undoes !== null) {
    return once(step, cause, request.undoes, () => undo(step, cause, request.output));
  }
  // In doubt, or to be cancelled: from now on it never runs, unless it has.
  const known = await once(step, cause, undefined, () => cancelled(step, cause));
  if (action === 'cancel' || known.kind !== 'skipped') return known;
  return once(step, cause, 'doubt', () => undo(step, cause, null));
}

async function handle(
  topic: string,
  { key, value, headers }: KafkaMessage,
): Promise<Outcome | undefined> {
  const texts = Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]),
  );
  if (texts['ce_saga']?.split('@')[0] !== saga || key === null || value === null) return undefined;
  const cause = { sagaId: key.toString(), headers: texts };
  if (topic === 'troupe.requests') {
    const step = texts['ce_step'] ?? '';
    const isMine = step === 'buy-paper' || step === 'print-book';
    return isMine ? answerRequest(step, cause, value) : undefined;
  }
  if (texts['ce_type'] !== 'press.BookOrdered') return undefined;
  return once('buy-paper', cause, undefined, async () => {
    const { copies } = await decode(value, bookOrdered);
    return buyPaper(cause, Number(copies));
  });
}

// ---- Kafka.

const kafka = new Kafka({
  clientId: service,
  brokers: brokers.split(','),
  logLevel: logLevel.ERROR,
});
const producer = kafka.producer({
  idempotent: true,
  createPartitioner: Partitioners.DefaultPartitioner, // murmur2, as the Java client does it
});
// kafkajs reads committed records only, unless it is told otherwise.
const consumer = kafka.consumer({ groupId: service, readUncommitted: false, maxWaitTimeInMs: 200 });

await prepareSchemas(registryUrl);
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics, fromBeginning: true });
await consumer.run({
  // The offset is committed after the answer was sent, so that a crash asks again.
  eachMessage: async ({ topic, message }) => {
    try {
      const outcome = await handle(topic, message);
      if (outcome === undefined) return;
      await producer.send({ topic: outcome.topic, acks: -1, messages: [outcome.message] });
    } catch (error) {
      const headers = { ...message.headers, troupe_dead_letter_message: String(error) };
      const letter = { key: message.key, value: message.value, headers };
      await producer.send({ topic: deadLetterTopic, acks: -1, messages: [letter] });
    }
  },
});
process.stdout.write(`${service} takes part\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    await consumer.disconnect();
    await producer.disconnect();
  });
}
