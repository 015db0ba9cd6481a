import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { createKafkajsTransport } from '../create-kafkajs-transport.ts';
import { keepLoginFaults } from './keep-login-faults.ts';

const clientRequire = createRequire(import.meta.url);
const Authenticator = clientRequire('kafkajs/src/broker/saslAuthenticator/index.js');
const Encoder = clientRequire('kafkajs/src/protocol/encoder.js');
const { createErrorFromCode } = clientRequire('kafkajs/src/protocol/error.js');
const errors = clientRequire('kafkajs/src/errors.js');

const apiKeys = { handshake: 17, apiVersions: 18, authenticate: 36 };
const versions = {
  [apiKeys.handshake]: { minVersion: 0, maxVersion: 1 },
  [apiKeys.authenticate]: { minVersion: 0, maxVersion: 1 },
};
const login = {
  username: 'me',
  password: 'secret',
  oauthBearerProvider: async () => ({ value: 'token' }),
};
const log = { debug: () => undefined, error: () => undefined };
const logger = { ...log, namespace: () => log };

/** A connection whose broker knows every mechanism, and answers the login with `fault`. */
function authenticatorWith(mechanism: string, fault: Error) {
  const connection = {
    host: 'b',
    port: 1,
    sasl: { ...login, mechanism },
    send: async ({ request: { apiKey } }: { request: { apiKey: number } }) => {
      if (apiKey === apiKeys.authenticate) throw fault;
      return { enabledMechanisms: [mechanism.toUpperCase()] };
    },
  };
  return new Authenticator(connection, logger, versions, true);
}

// First, so that it is the transport that sees to it.
test('a broker that goes away while one logs in is an outage', async () => {
  let logins = 0;
  const server = createServer((socket) => {
    socket.on('data', (request) => {
      const [apiKey, correlationId] = [request.readInt16BE(4), request.readInt32BE(8)];
      if (apiKey === apiKeys.authenticate) {
        logins += 1;
        socket.destroy();
        return;
      }
      const answer = apiKey === apiKeys.handshake ? handshake() : apiVersions();
      const body = new Encoder().writeInt32(correlationId).writeEncoder(answer);
      socket.write(new Encoder().writeInt32(body.size()).writeEncoder(body).buffer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens at a port');
  const transport = createKafkajsTransport({
    brokers: [`127.0.0.1:${address.port}`],
    clientId: 'c',
    sasl: { mechanism: 'plain', username: 'me', password: 'secret' },
  });
  try {
    await expect(transport.check(AbortSignal.timeout(30_000))).rejects.toMatchObject({
      code: 'transport-unavailable',
    });
    expect(logins).toBeGreaterThan(1);
  } finally {
    await transport.close();
    server.close();
  }
});

describe.each(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])(
  'a login by %s',
  (name) => {
    beforeAll(keepLoginFaults);

    it.each([
      new errors.KafkaJSConnectionClosedError('Closed connection', { host: 'b', port: 1 }),
      new errors.KafkaJSConnectionError('Connection error: ECONNRESET'),
      new errors.KafkaJSRequestTimeoutError('Request SaslAuthenticate timed out'),
      createErrorFromCode(-1),
    ])('$name is no refusal of it', async (fault: Error) => {
      await expect(authenticatorWith(name, fault).authenticate()).rejects.toBe(fault);
    });

    it('the refusal of the broker is', async () => {
      const refused = createErrorFromCode(58);
      await expect(authenticatorWith(name, refused).authenticate()).rejects.toMatchObject({
        name: 'KafkaJSSASLAuthenticationError',
      });
    });
  },
);

function handshake() {
  return new Encoder().writeInt16(0).writeArray(['PLAIN']);
}

function apiVersions() {
  const known = [
    [apiKeys.handshake, 0, 1],
    [apiKeys.apiVersions, 0, 2],
    [apiKeys.authenticate, 0, 1],
  ];
  const answer = new Encoder().writeInt16(0).writeInt32(known.length);
  for (const numbers of known) for (const number of numbers) answer.writeInt16(number);
  return answer.writeInt32(0);
}
