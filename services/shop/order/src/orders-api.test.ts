import { TransportError } from '@troupe/core';
import { describe, expect, test } from 'vitest';
import type { OrderRequest } from './order-request.ts';
import { createOrdersApi } from './orders-api.ts';

const order = {
  customer: { name: 'Ira Aldridge', email: 'ira@theatre.example' },
  lines: [{ sku: 'prop-sword', quantity: 2, unitCents: 2740 }],
  cardToken: 'card-approved',
  shipTo: { street: 'Main Road 3', postcode: '1', city: 'London', country: 'GB' },
};

async function post(
  payload: object | string,
  place: (request: OrderRequest) => Promise<string> = async () => 'o-1',
) {
  const api = createOrdersApi(place);
  const headers = { 'content-type': 'application/json' };
  const reply = await api.inject({ method: 'POST', url: '/orders', payload, headers });
  await api.close();
  return { status: reply.statusCode, body: reply.json() };
}

describe('POST /orders', () => {
  test('places the order and answers with its id', async () => {
    const placed: OrderRequest[] = [];
    const reply = await post(order, async (request) => {
      placed.push(request);
      return 'o-7';
    });
    expect(reply).toEqual({ status: 202, body: { orderId: 'o-7' } });
    expect(placed).toEqual([order]);
  });

  test.each([
    [{ ...order, lines: [] }, 'lines', /fewer than 1/],
    [{ ...order, lines: [{ ...order.lines[0], quantity: 0 }] }, 'lines[0].quantity', />= 1/],
    [{ ...order, lines: [{ ...order.lines[0], quantity: '2' }] }, 'lines[0].quantity', /integer/],
    [{ ...order, lines: [{ sku: 'x', quantity: 1 }] }, 'lines[0].unitCents', /is missing/],
    [{ ...order, cardToken: undefined }, 'cardToken', /is missing/],
    [{ ...order, totalCents: 1 }, 'totalCents', /is no field of an order/],
    [{ ...order, shipTo: { ...order.shipTo, country: 'Britain' } }, 'shipTo.country', /pattern/],
    [{ ...order, customer: { name: 'x', email: 'x' } }, 'customer.email', /pattern/],
    [{ ...order, orderId: 'a b' }, 'orderId', /pattern/],
    [[], '', /object/],
  ])('refuses a body that is no order and names the field: %#', async (body, field, message) => {
    const reply = await post(body);
    expect(reply.status).toBe(400);
    expect(reply.body.code).toBe('order-invalid');
    expect(reply.body.fields).toEqual([{ field, message: expect.stringMatching(message) }]);
    expect(reply.body.message).toContain(field);
  });

  test('names every field that is wrong', async () => {
    const reply = await post({ ...order, cardToken: '', orderId: '' });
    const fields = reply.body.fields.map(({ field }: { field: string }) => field);
    expect(fields.sort()).toEqual(['cardToken', 'orderId']);
  });

  test.each([
    ['{"lines":', 400],
    [JSON.stringify({ ...order, note: 'x'.repeat(70_000) }), 413],
  ])('refuses what cannot be read: %#', async (body, status) => {
    const reply = await post(body);
    expect(reply.status).toBe(status);
    expect(reply.body).toEqual({ code: expect.any(String), message: expect.any(String) });
  });

  test('says when the broker does not answer, and that it may be tried again', async () => {
    const reply = await post(order, async () => {
      throw new TransportError('transport-unavailable', 'no broker answers at localhost:9092');
    });
    const body = { code: 'transport-unavailable', message: 'no broker answers at localhost:9092' };
    expect(reply).toEqual({ status: 503, body });
  });

  test('keeps to itself what went wrong inside', async () => {
    const reply = await post(order, async () => {
      throw new Error('secret');
    });
    expect(reply).toEqual({
      status: 500,
      body: { code: 'internal', message: 'the order was not taken' },
    });
  });
});
