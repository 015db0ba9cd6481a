import fastify, { type FastifyInstance } from 'fastify';

/** Whatever else a report says is part of the answer. */
export interface Health {
  /** False: only a restart helps. */
  readonly live: boolean;
  /** True: takes part. */
  readonly ready: boolean;
}

/**
 * `GET /health/live`: 200, or 503 when only a restart helps. `GET /health/ready`: 200 when the service takes part. The
 * body says what is the matter.
 */
export function createHealthServer(health: () => Health): FastifyInstance {
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/health/live', (_request, reply) => {
    const report = health();
    return reply.code(report.live ? 200 : 503).send(report);
  });
  server.get('/health/ready', (_request, reply) => {
    const report = health();
    return reply.code(report.live && report.ready ? 200 : 503).send(report);
  });
  return server;
}
