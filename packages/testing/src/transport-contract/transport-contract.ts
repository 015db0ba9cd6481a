import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { broadcastContract } from './broadcast-contract.ts';
import { closingContract } from './closing-contract.ts';
import { commitContract } from './commit-contract.ts';
import { ContractWorld } from './contract-world.ts';
import { groupContract } from './group-contract.ts';
import { leavingContract } from './leaving-contract.ts';
import { lostAnswerContract } from './lost-answer-contract.ts';
import { openTransactionContract } from './open-transaction-contract.ts';
import { outageContract } from './outage-contract.ts';
import { pauseContract } from './pause-contract.ts';
import { positionContract } from './position-contract.ts';
import { rebalanceContract } from './rebalance-contract.ts';
import { recordContract } from './record-contract.ts';
import { sendingContract } from './sending-contract.ts';
import { topicContract } from './topic-contract.ts';
import { transactionContract } from './transaction-contract.ts';
import type { TransportFeatures, TransportFixture, TransportSetup } from './transport-fixture.ts';

/** Keeps each sentence of the port `Transport`. Call it at the top of a test file of the implementation. */
export function transportContract(
  name: string,
  features: TransportFeatures,
  { setup, teardown }: TransportSetup,
): void {
  describe(`transport contract: ${name}`, () => {
    let fixture: TransportFixture;
    let current: ContractWorld;
    const world = (): ContractWorld => current;

    beforeAll(async () => {
      fixture = await setup();
    });
    afterAll(() => teardown(fixture));
    beforeEach(() => {
      current = new ContractWorld(fixture);
    });
    afterEach(() => current.close());

    sendingContract(world);
    recordContract(world);
    groupContract(world);
    commitContract(world);
    rebalanceContract(world, features);
    pauseContract(world);
    positionContract(world);
    transactionContract(world);
    openTransactionContract(world);
    lostAnswerContract(world);
    broadcastContract(world);
    topicContract(world);
    closingContract(world);
    leavingContract(world);
    outageContract(world, features);
  });
}
