import { kafkajsModule, patchOnce } from '../client/kafkajs-modules.ts';

/** Versions of the response; which one a broker is asked for depends on its own. */
const versions = [3, 4, 5, 6, 7];
const responseModule = (version: number) =>
  `kafkajs/src/protocol/requests/produce/v${version}/response.js`;

/** What a broker answers to a produce request. */
export interface ProduceAnswer {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
  }[];
}

type Parse = (answer: ProduceAnswer) => Promise<ProduceAnswer>;

const answers = new WeakMap<object, ProduceAnswer>();

/**
 * kafkajs throws away the whole answer when one partition was refused, and with it what was written to the others. Here
 * its error leads to the answer. Idempotent.
 */
export function keepAnswers(): void {
  patchOnce('keep answers', () => {
    const responses = versions.map((version) =>
      kafkajsModule<{ parse: Parse }>(responseModule(version)),
    );
    for (const response of responses) response.parse = keeping(response.parse);
  });
}

function keeping(parse: Parse): Parse {
  return async (answer) => {
    try {
      return await parse(answer);
    } catch (error) {
      if (error instanceof Error) answers.set(error, answer);
      throw error;
    }
  };
}

/** Undefined where no broker answered. */
export function answerOf(error: unknown): ProduceAnswer | undefined {
  return error instanceof Error ? answers.get(error) : undefined;
}
