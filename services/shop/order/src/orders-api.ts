import { TroupeError } from '@troupe/core';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifySchemaValidationError,
} from 'fastify';
import type { OrderRequest } from './order-request.ts';
import { orderSchema } from './order-schema.ts';

/** What a client is told when its order was not taken. */
export interface OrderRefusal {
  readonly code: string;
  readonly message: string;
  /** Of a body that is not an order: each field that is wrong. */
  readonly fields?: readonly FieldFault[] | undefined;
}

export interface FieldFault {
  /** As `lines[0].quantity`; empty for the body itself. */
  readonly field: string;
  readonly message: string;
}

const bodyBytesMax = 64 * 1024;

/**
 * `POST /orders`: 202 with the order's id once the broker has the order; 400 with the fields that are wrong; 503 when
 * the broker does not answer, and the order may be sent again under the same id.
 */
export function createOrdersApi(
  place: (request: OrderRequest) => Promise<string>,
): FastifyInstance {
  const api = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: bodyBytesMax,
    // "3" is no number: what is coerced here would hide a mistake of the client.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true } },
  });
  api.post<{ Body: OrderRequest }>(
    '/orders',
    { schema: { body: orderSchema } },
    async (request, reply) => {
      const orderId = await place(request.body);
      return reply.code(202).send({ orderId });
    },
  );
  api.setErrorHandler((error, _request, reply) => refuse(error, reply));
  return api;
}

function refuse(error: unknown, reply: FastifyReply): FastifyReply {
  const { validation, statusCode, code, message } = asFastifyError(error);
  if (validation !== undefined) {
    const fields = validation.map(fieldFault);
    const list = fields.map(({ field, message }) => `${field || 'the body'} ${message}`).join('; ');
    return send(reply, 400, { code: 'order-invalid', message: `not an order: ${list}`, fields });
  }
  if (error instanceof TroupeError) {
    const status = error.retryable ? 503 : 500;
    return send(reply, status, { code: error.code, message: error.message });
  }
  if (statusCode !== undefined && statusCode < 500) {
    return send(reply, statusCode, { code: code ?? 'request-invalid', message });
  }
  return send(reply, 500, { code: 'internal', message: 'the order was not taken' });
}

function send(reply: FastifyReply, status: number, refusal: OrderRefusal): FastifyReply {
  return reply.code(status).send(refusal);
}

interface PossibleFastifyError {
  readonly validation?: readonly FastifySchemaValidationError[] | undefined;
  readonly statusCode?: number | undefined;
  readonly code?: string | undefined;
  readonly message: string;
}

function asFastifyError(error: unknown): PossibleFastifyError {
  return error instanceof Error ? error : { message: String(error) };
}

function fieldFault({
  keyword,
  instancePath,
  params,
  message,
}: FastifySchemaValidationError): FieldFault {
  const parent = instancePath
    .slice(1)
    .replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.');
  const below = (name: unknown) => (parent === '' ? String(name) : `${parent}.${String(name)}`);
  switch (keyword) {
    case 'required':
      return { field: below(params['missingProperty']), message: 'is missing' };
    case 'additionalProperties':
      return { field: below(params['additionalProperty']), message: 'is no field of an order' };
    default:
      return { field: parent, message: message ?? `fails ${keyword}` };
  }
}
