import type { CancelTimer } from '@troupe/core';
import { AssignerProtocol } from 'kafkajs';
import type {
  Broker,
  Cluster,
  GroupCoordinator,
  HeartbeatRequest,
  JoinRequest,
  JoinResponse,
  MemberRequest,
  TopicPartitions,
} from '../../client/cluster.ts';
import type { Surroundings } from '../../client/kafka-client.ts';
import { faultType } from '../../client/transport-error-of.ts';

/** Topic by topic, the partitions that the group's leader gave to this member. */
export type GroupAssignment = Readonly<Record<string, readonly number[]>>;

export interface TopicOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export interface SeatEvents {
  /**
   * kafkajs begins to fetch when this resolves. `isCurrent` turns false when the session is lost meanwhile, or another
   * kafkajs consumer takes the seat: it is assigned anew what it reads.
   */
  onAssignment(assignment: GroupAssignment, isCurrent: () => boolean): Promise<void>;
  /** The group has forgotten this member: what it held may be with another one by now. */
  onLost(): void;
}

const rebalancing = 'REBALANCE_IN_PROGRESS';

/**
 * A member's place in its group, as the broker sees it.
 *
 * kafkajs runs the group protocol and says little of what it hears: not that a rebalance has begun, not that the session
 * is over, not the generation, and its events wait for nobody. But it looks up the group's coordinator for each join,
 * for nothing else, and asks that object everything from then on. `attach` gives it one that passes all on and listens.
 *
 * Owns the member id, the generation and the watch over the session. Does not own claims, offsets or kafkajs's consumer:
 * a seat outlives it, so that a consumer that was made anew after an outage comes back as the same member.
 * 1. When the session is over (the broker says so, or nothing was heard from it for as long), `onLost` is called once,
 *    before the next join.
 * 2. Nothing is committed for a session that was lost.
 * 3. The member joins again until it has taken an assignment. kafkajs does not: when a join fails half-way, or the broker
 *    still counts a member that gave itself up, it goes on fetching.
 */
export class GroupSeat {
  readonly #surroundings: Surroundings;
  readonly #groupId: string;
  readonly #sessionTimeoutMs: number;
  readonly #events: SeatEvents;
  #coordinator: GroupCoordinator | undefined;
  #member: { readonly id: string; readonly generation: number } | undefined;
  /** How often an assignment came to its end: with the session, or with the kafkajs consumer. */
  #tenures = 0;
  #joining = 0;
  #shallRejoin = false;
  #isSeated = true;
  #isGivenUp = false;
  #heardMs = 0;
  #cancelWatch: CancelTimer | undefined;

  constructor(
    surroundings: Surroundings,
    groupId: string,
    sessionTimeoutMs: number,
    events: SeatEvents,
  ) {
    this.#surroundings = surroundings;
    this.#groupId = groupId;
    this.#sessionTimeoutMs = sessionTimeoutMs;
    this.#events = events;
  }

  /** To be called with the cluster of each new kafkajs consumer, before it is run. */
  attach(cluster: Cluster): void {
    this.#tenures += 1;
    this.#shallRejoin = false;
    this.#isSeated = true;
    this.#isGivenUp = false;
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (group) => {
      const coordinator = await find(group);
      this.#coordinator = coordinator;
      return Object.assign(Object.create(coordinator), this.#listener(coordinator));
    };
    const refresh = cluster.refreshMetadataIfNecessary.bind(cluster);
    cluster.refreshMetadataIfNecessary = async () => {
      // The first thing of each fetch. To kafkajs this is the broker's word that it has to join again.
      const mustJoin = this.#shallRejoin || !this.#isSeated;
      if (mustJoin) throw Object.assign(new Error(rebalancing), { type: rebalancing });
      await refresh();
    };
  }

  /** The group shall be rebalanced, because this member has something to give away. */
  rejoin(): void {
    this.#shallRejoin = true;
  }

  async commit(offsets: readonly TopicOffset[]): Promise<void> {
    const member = this.#member;
    const coordinator = this.#coordinator;
    if (member === undefined || coordinator === undefined) return;
    const topics = byTopic(offsets, ({ partition, offset }) => ({
      partition,
      offset: String(offset),
      metadata: null,
    }));
    await this.#heard(member, () =>
      coordinator.offsetCommit({
        groupId: this.#groupId,
        memberId: member.id,
        groupGenerationId: member.generation,
        topics,
      }),
    );
  }

  /** What the group has committed; partitions without are left out. */
  async committed(partitions: readonly Omit<TopicOffset, 'offset'>[]): Promise<TopicOffset[]> {
    if (this.#coordinator === undefined || partitions.length === 0) return [];
    const topics = byTopic(partitions, ({ partition }) => ({ partition }));
    const { responses } = await this.#coordinator.offsetFetch({ groupId: this.#groupId, topics });
    return responses
      .flatMap(({ topic, partitions: found }) =>
        found.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) })),
      )
      .filter(({ offset }) => offset >= 0n);
  }

  /** From now on kafkajs may leave the group. Else it does so when it fails, and the seat would be gone. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** The member has left, or ends without a word. */
  close(): void {
    this.#member = undefined;
    this.#cancelWatch?.();
  }

  #listener(coordinator: GroupCoordinator): Partial<Broker> {
    return {
      joinGroup: (request) => this.#join(coordinator, request),
      syncGroup: (request) => this.#sync(coordinator, request),
      heartbeat: (request) => this.#heartbeat(coordinator, request),
      leaveGroup: async (request) => {
        if (this.#isGivenUp) await coordinator.leaveGroup(request);
      },
    };
  }

  async #join(coordinator: GroupCoordinator, request: JoinRequest): Promise<JoinResponse> {
    this.#shallRejoin = false;
    this.#isSeated = false;
    // A new kafkajs consumer does not know whom it comes back as.
    const memberId = request.memberId || (this.#member?.id ?? '');
    try {
      const response = await this.#whileJoining(() =>
        coordinator.joinGroup({ ...request, memberId }),
      );
      this.#member = { id: response.memberId, generation: response.generationId };
      // The broker measures the session from its answer.
      this.#heardMs = this.#nowMs();
      return response;
    } catch (error) {
      if (faultType(error) === 'UNKNOWN_MEMBER_ID') this.#lose();
      throw error;
    }
  }

  async #sync(
    coordinator: GroupCoordinator,
    request: MemberRequest,
  ): Promise<{ readonly memberAssignment: Buffer }> {
    const tenure = this.#tenures;
    const response = await this.#whileJoining(() => coordinator.syncGroup(request));
    this.#heardMs = this.#nowMs();
    this.#watch();
    const decoded = AssignerProtocol.MemberAssignment.decode(response.memberAssignment);
    const isCurrent = () => tenure === this.#tenures;
    await this.#events.onAssignment(decoded?.assignment ?? {}, isCurrent);
    if (isCurrent()) this.#isSeated = true;
    return response;
  }

  /** The broker keeps the session of a member that waits for the others, or for what the leader assigns. */
  async #whileJoining<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    this.#joining += 1;
    try {
      return await ask();
    } finally {
      this.#joining -= 1;
    }
  }

  async #heartbeat(coordinator: GroupCoordinator, request: HeartbeatRequest): Promise<unknown> {
    const member = { id: request.memberId, generation: request.groupGenerationId };
    return this.#heard(member, () => coordinator.heartbeat(request));
  }

  async #heard<Answer>(
    member: { readonly id: string; readonly generation: number },
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const askedMs = this.#nowMs();
    try {
      const answer = await ask();
      this.#heardMs = Math.max(this.#heardMs, askedMs);
      return answer;
    } catch (error) {
      const type = faultType(error);
      if (type === rebalancing) this.#heardMs = Math.max(this.#heardMs, askedMs);
      const isOver = type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION';
      const isStillMember = member.id === this.#member?.id;
      if (isOver && isStillMember && member.generation === this.#member?.generation) this.#lose();
      throw error;
    }
  }

  #watch(): void {
    this.#cancelWatch?.();
    const leftMs = Math.max(this.#heardMs + this.#sessionTimeoutMs - this.#nowMs(), 1);
    this.#cancelWatch = this.#surroundings.clock.after(leftMs, () => this.#checkSession());
  }

  #checkSession(): void {
    if (this.#member === undefined) return;
    if (this.#joining > 0) this.#heardMs = this.#nowMs();
    if (this.#nowMs() - this.#heardMs < this.#sessionTimeoutMs) this.#watch();
    else this.#lose();
  }

  #lose(): void {
    if (this.#member === undefined) return;
    this.#member = undefined;
    this.#isSeated = false;
    this.#tenures += 1;
    this.#cancelWatch?.();
    this.#events.onLost();
  }

  #nowMs(): number {
    return this.#surroundings.clock.monotonicMs();
  }
}

function byTopic<Given extends { readonly topic: string }, Part extends { partition: number }>(
  given: readonly Given[],
  part: (one: Given) => Part,
): TopicPartitions<Part>[] {
  const topics = new Map<string, Part[]>();
  for (const one of given) topics.set(one.topic, [...(topics.get(one.topic) ?? []), part(one)]);
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
