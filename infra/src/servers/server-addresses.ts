/** Where the real servers are, by the names under which services know them. */
export interface ServerAddresses {
  /** `host:port`, separated by commas. */
  readonly kafkaBrokers: string;
  /** Of the Confluent API. */
  readonly schemaRegistryUrl: string;
  /** OTLP over HTTP, without `/v1/traces`; absent where there is no Jaeger. */
  readonly otlpEndpoint?: string | undefined;
  /** Of Jaeger's query API; absent where there is no Jaeger. */
  readonly jaegerQueryUrl?: string | undefined;
}

export const addressVariables = {
  kafkaBrokers: 'KAFKA_BROKERS',
  schemaRegistryUrl: 'SCHEMA_REGISTRY_URL',
  otlpEndpoint: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  jaegerQueryUrl: 'JAEGER_QUERY_URL',
} as const satisfies Record<keyof ServerAddresses, string>;

/** Those addresses that the environment names; an empty variable names none. */
export function addressesNamedIn(env: NodeJS.ProcessEnv): Partial<ServerAddresses> {
  return Object.fromEntries(
    Object.entries(addressVariables).flatMap(([address, variable]) => {
      const value = env[variable];
      return value ? [[address, value]] : [];
    }),
  );
}

/** The variables to set for a process that uses these servers. */
export function environmentOf(addresses: ServerAddresses): Record<string, string> {
  const { kafkaBrokers, schemaRegistryUrl, otlpEndpoint, jaegerQueryUrl } = addresses;
  return {
    [addressVariables.kafkaBrokers]: kafkaBrokers,
    [addressVariables.schemaRegistryUrl]: schemaRegistryUrl,
    ...(otlpEndpoint === undefined ? {} : { [addressVariables.otlpEndpoint]: otlpEndpoint }),
    ...(jaegerQueryUrl === undefined ? {} : { [addressVariables.jaegerQueryUrl]: jaegerQueryUrl }),
  };
}
