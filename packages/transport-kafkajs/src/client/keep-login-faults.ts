import { kafkajsModule, patchOnce } from './kafkajs-modules.ts';
import { faultType } from './transport-error-of.ts';

const authenticatorModule = 'kafkajs/src/broker/saslAuthenticator/index.js';

interface Connection {
  send(request: unknown): Promise<unknown>;
}

interface Authenticator {
  connection: Connection;
  authenticate(): Promise<void>;
}

/** Beside those that kafkajs tries again: a broker that cannot look the login up just now answers with this. */
const passingType = 'UNKNOWN';

/**
 * kafkajs takes everything that goes wrong while it logs in for a refusal of the login, which no retry would change: also
 * a connection that is lost, or a broker that does not answer in time. Here such a fault is thrown as what it is.
 * Idempotent.
 */
export function keepLoginFaults(): void {
  patchOnce('keep login faults', () => {
    const { prototype } = kafkajsModule<{ prototype: Authenticator }>(authenticatorModule);
    const authenticate = prototype.authenticate;
    prototype.authenticate = async function authenticateOrSayWhy() {
      const { connection } = this;
      let fault: unknown;
      const send: Connection['send'] = async (request) => {
        try {
          return await connection.send(request);
        } catch (error) {
          fault = error;
          throw error;
        }
      };
      this.connection = Object.assign(Object.create(connection), { send });
      try {
        await authenticate.call(this);
      } catch (error) {
        throw isPassing(fault) ? fault : error;
      }
    };
  });
}

function isPassing(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  return faultType(fault) === passingType || ('retriable' in fault && fault.retriable === true);
}
