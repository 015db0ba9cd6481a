import { AssignerProtocol } from 'kafkajs';
import type { Broker, Cluster, GroupCoordinator } from '../../client/cluster.ts';

const { MemberAssignment } = AssignerProtocol;

/** A broker that answers as it is told, and keeps what it was asked. */
export class FakeBroker {
  readonly asked: (readonly [what: string, request: object])[] = [];
  readonly failures = new Map<string, Error>();
  readonly delays = new Map<string, Promise<void>>();
  generationId = 1;

  readonly coordinator = {
    nodeId: '1',
    isConnected: () => true,
    joinGroup: async (request) => {
      this.#note('join', request);
      await this.delays.get('join');
      return { memberId: request.memberId || 'member-1', generationId: this.generationId };
    },
    syncGroup: async (request) => {
      this.#note('sync', request);
      await this.delays.get('sync');
      const assignment = { t: [0] };
      return {
        memberAssignment: MemberAssignment.encode({
          version: 1,
          assignment,
          userData: Buffer.alloc(0),
        }),
      };
    },
    heartbeat: async (request) => this.#note('heartbeat', request),
    leaveGroup: async (request) => this.#note('leave', request),
    offsetCommit: async (request) => this.#note('commit', request),
    offsetFetch: async () => ({
      responses: [
        {
          topic: 't',
          partitions: [
            { partition: 0, offset: '7' },
            { partition: 1, offset: '-1' },
          ],
        },
      ],
    }),
  } satisfies GroupCoordinator;

  cluster(): Cluster {
    const unused = async () => {
      throw new Error('a seat does not ask this');
    };
    const broker: Broker = {
      ...this.coordinator,
      fetch: unused,
      listOffsets: unused,
      describeConfigs: unused,
    };
    return {
      connect: unused,
      disconnect: unused,
      metadata: unused,
      findBroker: unused,
      findGroupCoordinator: async () => broker,
      refreshMetadataIfNecessary: async () => undefined,
    };
  }

  #note(what: string, request: object): void {
    this.asked.push([what, request]);
    const failure = this.failures.get(what);
    if (failure !== undefined) throw failure;
  }
}
