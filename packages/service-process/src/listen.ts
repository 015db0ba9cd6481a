import { ConfigurationError } from '@troupe/core';
import type { FastifyInstance } from 'fastify';

export interface ListenAt {
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** The name of the variable that the port came from. */
  readonly setting: string;
}

/**
 * Resolves with the port. Rejects with a `ConfigurationError` that names the setting when the port is taken or may not
 * be used.
 */
export async function listen(
  server: FastifyInstance,
  { host, port, setting }: ListenAt,
): Promise<number> {
  try {
    await server.listen({ port, host });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const reason =
      code === 'EADDRINUSE'
        ? 'is in use by another process'
        : code === 'EACCES'
          ? 'may not be used by this user'
          : `cannot be listened on at ${host} (${String(cause)})`;
    throw new ConfigurationError(
      `${setting}: port ${port} ${reason}. Set ${setting} to another one, or to 0 for any free one.`,
      { cause, details: { setting, port } },
    );
  }
  const address = server.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
