import { TransportError } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Coordinator } from '../create-coordinator.ts';

/**
 * What a coordinator shows of itself over HTTP, as JSON:
 *
 * - `GET /health/live`: 200 while it can go on by itself, else 503: restart it.
 * - `GET /health/ready`: 200 when every partition it holds is being folded, else 503.
 * - `GET /sagas/:name/:sagaId`: how far a saga is; 404 when no partition held here knows it.
 */
export function coordinatorApi(coordinator: Coordinator): FastifyInstance {
  const api = Fastify({ bodyLimit: 1_024, routerOptions: { maxParamLength: 512 } });
  api.get('/health/live', async (_request, reply) => {
    const health = coordinator.health();
    return reply.code(health.live ? 200 : 503).send(health);
  });
  api.get('/health/ready', async (_request, reply) => {
    const health = coordinator.health();
    return reply.code(health.ready ? 200 : 503).send(health);
  });
  api.get<{ Params: { name: string; sagaId: string } }>(
    '/sagas/:name/:sagaId',
    async ({ params: { name, sagaId } }, reply) => {
      const progress = coordinator.saga(name, sagaId);
      if (progress !== undefined) return progress;
      return reply.code(404).send({
        error: 'saga-unknown',
        message: `no partition that this coordinator holds knows a saga ${name} of ${sagaId}; another coordinator may hold it, and ended sagas are in ${internalTopics.sagas}`,
      });
    },
  );
  return api;
}

/** Starts listening. A port that is taken gives an error that names it. */
export async function listen(api: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await api.listen({ host, port });
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw new TransportError(
      'transport-unavailable',
      taken
        ? `port ${port} on ${host} is taken: set PORT to a free one, or 0 for any`
        : `cannot listen on ${host}:${port}`,
      { cause: error },
    );
  }
}
