import type { IncomingRecord } from '@troupe/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { GroupClaim } from './group-claim.ts';

const never = new Promise<void>(() => undefined);
const record = (offset: bigint): IncomingRecord => ({
  topic: 't',
  partition: 3,
  offset,
  key: null,
  value: null,
  headers: {},
  timestampMs: 0,
});

describe('GroupClaim', () => {
  let told: string[];
  let received: bigint[];
  let claim: GroupClaim;
  let onRevoked: () => Promise<void>;

  beforeEach(() => {
    told = [];
    received = [];
    onRevoked = async () => undefined;
    const owner = {
      sought: (topic: string, partition: number, offset: bigint) =>
        told.push(`seek ${topic} ${partition} ${offset}`),
      paused: () => told.push('paused'),
      resumed: () => told.push('resumed'),
      markDone: (topic: string, partition: number, offset: bigint) =>
        told.push(`done ${topic} ${partition} ${offset}`),
    };
    claim = new GroupClaim(3, owner, new Map([['t', 5n]]));
    claim.reader = {
      onRecords: (records) => received.push(...records.map(({ offset }) => offset)),
      onRevoked: () => onRevoked(),
    };
    claim.fetching('t', 5n);
  });

  it('delivers, and stands behind what it has delivered', () => {
    expect(claim.position('t')).toBe(5n);
    expect(claim.deliver('t', [record(5n)], 8n)).toBe(true);
    expect(received).toEqual([5n]);
    expect(claim.position('t')).toBe(8n);
    claim.passed('t', 9n);
    expect(claim.position('t')).toBe(9n);
  });

  it('what was fetched for another place than the one sought is not delivered, nor passed', () => {
    claim.seek('t', 2n);
    expect(claim.deliver('t', [record(5n)], 8n)).toBe(false);
    claim.passed('t', 8n);
    claim.fetching('t', 5n);
    expect(claim.deliver('t', [record(5n)], 8n)).toBe(false);
    expect(claim.position('t')).toBe(2n);
    claim.fetching('t', 2n);
    expect(claim.deliver('t', [record(2n)], 3n)).toBe(true);
    expect(told).toEqual(['seek t 3 2']);
  });

  it('what two answers hold is delivered once, in its order', () => {
    claim.deliver('t', [record(5n), record(6n)], 7n);
    expect(claim.deliver('t', [record(5n)], 6n)).toBe(true);
    expect(claim.position('t')).toBe(7n);
    expect(claim.deliver('t', [record(5n), record(6n), record(7n)], 9n)).toBe(true);
    claim.passed('t', 8n);
    expect(claim.position('t')).toBe(9n);
    expect(received).toEqual([5n, 6n, 7n]);
  });

  it('goes back where it is sought, and takes no answer for what lay ahead of that', () => {
    claim.deliver('t', [record(5n), record(6n)], 7n);
    claim.seek('t', 5n);
    expect(claim.fetching('t', 7n)).toBe(true);
    expect(claim.fetching('t', 5n)).toBe(true);
    expect(claim.fetching('t', 7n)).toBe(false);
    expect(claim.deliver('t', [record(5n)], 6n)).toBe(true);
    expect(received).toEqual([5n, 6n, 5n]);
  });

  it('is not fetched, nor delivered to, while it is paused', () => {
    claim.pause(['t']);
    expect(claim.fetching('t', 5n)).toBe(false);
    expect(claim.deliver('t', [record(5n)], 6n)).toBe(false);
    claim.resume(['t']);
    expect(claim.fetching('t', 5n)).toBe(true);
    expect(told).toEqual(['paused', 'resumed']);
  });

  it('goes on where it was when kafkajs has joined again', () => {
    claim.deliver('t', [record(5n)], 6n);
    claim.pause(['t']);
    claim.reposition();
    expect(told).toEqual(['paused', 'seek t 3 6']);
    expect(claim.fetching('t', 6n)).toBe(false);
  });

  it('while it is revoked offsets count, and nothing is delivered', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    onRevoked = () => promise;
    const revoked = claim.revoke(never);
    expect(claim.revoke(never)).toBe(revoked);
    expect(claim.fetching('t', 5n)).toBe(false);
    expect(claim.deliver('t', [record(5n)], 6n)).toBe(false);
    claim.markDone('t', 5n);
    expect(claim.lost.aborted).toBe(false);
    resolve();
    await revoked;
    expect(told).toEqual(['done t 3 5']);
  });

  it('a reader that comes to no end is not waited for beyond the limit, nor beyond the session', async () => {
    onRevoked = () => never;
    await claim.revoke(Promise.resolve());
    const other = claim.drop();
    expect(claim.lost.aborted).toBe(true);
    await other;
  });

  it('once lost it does nothing', () => {
    claim.lose();
    claim.pause(['t']);
    claim.resume(['t']);
    claim.seek('t', 1n);
    claim.markDone('t', 9n);
    expect(told).toEqual([]);
    expect(claim.deliver('t', [record(5n)], 6n)).toBe(false);
  });
});
