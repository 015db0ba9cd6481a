import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManualClock } from '@troupe/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { TransportError } from '../../errors/error-kinds.ts';
import { silentLogger } from '../../ports/logger.ts';
import type { OutgoingRecord } from '../../ports/transport.ts';
import { defaultServiceLimits } from '../limits.ts';
import { ServiceHealth } from '../service-health.ts';
import { EndableTenure, Interrupted } from '../waiting/tenure.ts';
import { OutcomeSender } from './outcome-sender.ts';

const large = { topic: 'stock', key: '1', value: new Uint8Array(2_000), headers: {} };
const small = { ...large, value: new Uint8Array(10) };

const away = new TransportError('transport-unavailable', 'no broker answers');
const tooLarge = new TransportError('message-too-large', 'MESSAGE_TOO_LARGE');
const forbidden = new TransportError('not-authorized', 'TOPIC_AUTHORIZATION_FAILED');
const missing = new TransportError('topic-missing', 'topic stock does not exist');

let clock: ManualClock;
let tenure: EndableTenure;
let health: ServiceHealth;
beforeEach(() => {
  clock = new ManualClock();
  tenure = new EndableTenure();
  health = new ServiceHealth(silentLogger, () => clock.nowMs());
});

/** Sends by a producer that fails with these errors, one after the other, and then takes what it is given. */
function sending(...errors: readonly Error[]) {
  const left = [...errors];
  const sent: (readonly OutgoingRecord[])[] = [];
  const producer = {
    send: async (records: readonly OutgoingRecord[]) => {
      sent.push(records);
      const error = left.shift();
      if (error !== undefined) throw error;
    },
    close: async () => undefined,
  };
  const random = { id: () => 'id', fraction: () => 1 };
  const parts = { clock, random, limits: defaultServiceLimits, health };
  const sender = new OutcomeSender(producer, parts);
  return { sent, sender };
}

async function afterMs(delayMs: number): Promise<void> {
  await nextTurn();
  expect(clock.nextTimerMs).toBe(delayMs);
  clock.advance(delayMs);
  await nextTurn();
}

const report = () => health.report(true, 'at-least-once');

describe('records that are refused for their size', () => {
  it('are replaced by smaller ones at once', async () => {
    const { sender, sent } = sending(tooLarge);
    await sender.send([large], tenure, () => [small]);
    expect(sent).toEqual([[large], [small]]);
  });

  it('are replaced also when the broker was away before it refused', async () => {
    const { sender, sent } = sending(away, away, tooLarge, away);
    const done = sender.send([large], tenure, () => [small]);
    await afterMs(100);
    await afterMs(200);
    await afterMs(400);
    await done;
    expect(sent).toEqual([[large], [large], [large], [small], [small]]);
    expect(report().problems).toEqual([]);
  });

  it('and cannot be smaller are tried again in calm, and health says what to change', async () => {
    const { sender, sent } = sending(tooLarge, tooLarge, tooLarge);
    const done = sender.send([large], tenure, () => [small]);
    await nextTurn();
    expect(report()).toMatchObject({ ready: true, problems: [{ code: 'record-refused' }] });
    expect(report().problems[0]?.message).toMatch(
      /raise max.message.bytes of stock for the record of \d+ bytes with key 1, or lower limits.messageBytesMax/,
    );
    await afterMs(5_000);
    await afterMs(5_000);
    await done;
    expect(sent.length).toBe(4);
    expect(report().problems).toEqual([]);
  });
});

describe('a topic that takes nothing', () => {
  it.each([
    ['it is not allowed', forbidden, /^allow writing to stock\. TOPIC_AUTHORIZATION_FAILED/],
    ['it is missing', missing, /^create what is missing of stock\. topic stock does not exist/],
  ])('(%s) is named in health, which is not ready meanwhile', async (_, error, message) => {
    const { sender } = sending(away, error, error);
    const done = sender.send([small], tenure);
    await nextTurn();
    expect(report().problems).toMatchObject([{ code: 'outage' }]);
    await afterMs(100);
    expect(report()).toMatchObject({ ready: false, problems: [{ code: 'topic-refused' }] });
    expect(report().problems[0]?.message).toMatch(message);
    await afterMs(5_000);
    await afterMs(5_000);
    await done;
    expect(report()).toMatchObject({ ready: true, problems: [] });
  });
});

it('nothing is sent again when the tenure is over', async () => {
  const { sender, sent } = sending(away);
  const done = sender.send([small], tenure);
  await nextTurn();
  tenure.end();
  await expect(done).rejects.toBeInstanceOf(Interrupted);
  expect(sent.length).toBe(1);
  expect(report().problems).toEqual([]);
});
