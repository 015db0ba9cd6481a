const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;

/** No order of a person is larger; what is beyond is a mistake or an attack. */
const orderLimits = {
  linesMax: 100,
  quantityMax: 10_000,
  unitCentsMax: 10_000_00,
} as const;

/** The body of `POST /orders`, as JSON Schema. */
export const orderSchema = {
  type: 'object',
  required: ['customer', 'lines', 'cardToken', 'shipTo'],
  additionalProperties: false,
  properties: {
    orderId: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,100}$' },
    customer: {
      type: 'object',
      required: ['name', 'email'],
      additionalProperties: false,
      properties: {
        name: text(200),
        email: { type: 'string', pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 254 },
      },
    },
    lines: {
      type: 'array',
      minItems: 1,
      maxItems: orderLimits.linesMax,
      items: {
        type: 'object',
        required: ['sku', 'quantity', 'unitCents'],
        additionalProperties: false,
        properties: {
          sku: text(100),
          quantity: { type: 'integer', minimum: 1, maximum: orderLimits.quantityMax },
          unitCents: { type: 'integer', minimum: 0, maximum: orderLimits.unitCentsMax },
        },
      },
    },
    cardToken: text(200),
    shipTo: {
      type: 'object',
      required: ['street', 'postcode', 'city', 'country'],
      additionalProperties: false,
      properties: {
        street: text(200),
        postcode: text(20),
        city: text(100),
        country: { type: 'string', pattern: '^[A-Z]{2}$' },
      },
    },
  },
} as const;
