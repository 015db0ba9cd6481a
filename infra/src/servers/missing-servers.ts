import { checkJaegerCanRun } from '../jaeger/jaeger-distribution.ts';
import { checkKafkaCanRun } from '../kafka/kafka-distribution.ts';
import { MissingProgramError } from '../programs/missing-program-error.ts';
import { checkSchemaRegistryCanRun } from '../schema-registry/apicurio-distribution.ts';
import { hosting } from './hosting.ts';
import { addressesNamedIn, addressVariables } from './server-addresses.ts';

export interface MissingServer {
  readonly server: 'kafka' | 'schema-registry' | 'jaeger';
  /** What is missing and each way out, in one sentence. */
  readonly reason: string;
}

/** The servers that this machine can neither run nor reach; quick, starts and fetches nothing. */
export async function missingServers(
  env: NodeJS.ProcessEnv = process.env,
): Promise<MissingServer[]> {
  if ((await hosting()) === 'containers') return [];
  const named = addressesNamedIn(env);
  const checks = [
    {
      server: 'kafka',
      isNamed: named.kafkaBrokers !== undefined,
      variables: addressVariables.kafkaBrokers,
      check: checkKafkaCanRun,
    },
    {
      server: 'schema-registry',
      isNamed: named.schemaRegistryUrl !== undefined,
      variables: addressVariables.schemaRegistryUrl,
      check: checkSchemaRegistryCanRun,
    },
    {
      server: 'jaeger',
      isNamed: named.otlpEndpoint !== undefined && named.jaegerQueryUrl !== undefined,
      variables: `${addressVariables.otlpEndpoint} and ${addressVariables.jaegerQueryUrl}`,
      check: checkJaegerCanRun,
    },
  ] as const;
  const found = await Promise.all(
    checks.map(async ({ server, isNamed, variables, check }): Promise<MissingServer[]> => {
      if (isNamed) return [];
      const reason = await reasonOf(check());
      if (reason === undefined) return [];
      return [{ server, reason: `${reason}, or set ${variables}.` }];
    }),
  );
  return found.flat();
}

async function reasonOf(check: Promise<void>): Promise<string | undefined> {
  try {
    await check;
    return undefined;
  } catch (error) {
    if (error instanceof MissingProgramError) return error.message;
    throw error;
  }
}
