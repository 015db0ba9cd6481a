import { beforeEach, describe, expect, test } from 'vitest';
import { auditEvidence, checkNames } from './audit-log.ts';
import { HandMadeLog, type Written } from './hand-made-log.ts';
import { compensatedOrder, completedOrder } from './hand-made-orders.ts';
import { gatherEvidence } from './log/evidence.ts';

/** A log of two orders, of which one thing at a time is spoilt. */
let log: HandMadeLog;
let good: ReturnType<typeof completedOrder>;
let bad: ReturnType<typeof compensatedOrder>;
const caught = new Set<string>();

beforeEach(() => {
  log = new HandMadeLog();
  good = completedOrder(log, 'good');
  bad = compensatedOrder(log, 'bad');
});

function audit(acknowledged: readonly string[] = ['good', 'bad']) {
  return auditEvidence(gatherEvidence(log.records, log.payloads), { acknowledged });
}

/** `check` says `text`; others may say what they see of it. */
function expectFinding(check: string, text: RegExp, acknowledged?: readonly string[]): void {
  caught.add(check);
  const { findings } = audit(acknowledged);
  expect(findings).toContainEqual({ check, text: expect.stringMatching(text) });
}

function remove(record: Written): void {
  log.records = log.records.filter((one) => one !== record);
}

function replace(record: Written, change: Partial<Written>): void {
  const payload = change.payload ?? record.payload;
  const value = change.payload === undefined ? record.value : Buffer.from(JSON.stringify(payload));
  const changed = { ...record, value, ...change };
  log.records = log.records.map((one) => (one === record ? changed : one));
}

/** As of somebody who sends it again. */
function repeat(record: Written, change: Partial<Written> = {}): void {
  const timestampMs = 1_000_000;
  log.records.push({ ...record, timestampMs, offset: BigInt(log.records.length), ...change });
}

function withHeaders(record: Written, headers: Readonly<Record<string, string>>) {
  return { headers: { ...record.headers, ...headers } };
}

test('finds nothing in a log that is as it has to be', () => {
  expect(audit()).toEqual({
    records: 25,
    sagas: 2,
    outcomes: 9,
    compensations: 2,
    repeatedOutcomes: 0,
    findings: [],
  });
});

test('takes outcomes and starts that were sent again for what they are, and counts them', () => {
  repeat(good.start);
  repeat(good.charge);
  repeat(bad.refund);
  expect(audit()).toMatchObject({ repeatedOutcomes: 2, findings: [] });
});

describe('one end for each saga (I1)', () => {
  const check = 'one end for each saga';

  test('an acknowledged start that is not in the log', () => {
    expectFinding(check, /^lost was acknowledged/, ['good', 'lost']);
  });
  test('a saga that began without a start event', () => {
    remove(good.start);
    expectFinding(check, /^good has records, and no start event/, []);
  });
  test('two different start events', () => {
    repeat(good.start, withHeaders(good.start, { ce_id: 'placed-twice' }));
    expectFinding(check, /^good was started by 2 different events/);
  });
  test('a saga that nobody began', () => {
    log.start('alone', {});
    expectFinding(check, /^alone was begun 0 times/);
  });
  test('a saga without an end', () => {
    remove(good.end);
    expectFinding(check, /^good has no end: it is running/);
  });
  test('a saga with two ends', () => {
    log.life('good', { type: 'saga-completed' });
    expectFinding(check, /^good has 2 ends/);
  });
  test('a saga that is stuck', () => {
    remove(good.end);
    log.life('good', { type: 'saga-stuck', reason: 'pivot-in-doubt', step: 'ship-order' });
    expectFinding(check, /^good is stuck: pivot-in-doubt: ship-order/);
  });
});

describe('one outcome for each effect (I2)', () => {
  const check = 'one outcome for each effect';

  test('a step that ran twice', () => {
    repeat(good.charge, withHeaders(good.charge, { ce_id: 'another' }));
    expectFinding(check, /charge-payment\/execute\/0\/good has 2 outcomes/);
  });
  test('a step that ran although it was cancelled', () => {
    const cause = good.request;
    log.outcome('good', 'ship-order', 'troupe.StepSkipped', { cause });
    expectFinding(check, /ship-order\/execute\/0\/good has 2 outcomes: succeeded .*skipped/);
  });
  test('one id with two contents', () => {
    repeat(good.charge, { value: Buffer.from('{"cents":1}') });
    expectFinding(check, /charge-payment\/execute\/0\/good was told in 2 versions/);
  });
  test('an id that is not that of its effect', () => {
    replace(good.mail, withHeaders(good.mail, { ce_id: 'made-up' }));
    expectFinding(check, /has the id made-up, not [\da-f]{32}/);
  });
});

describe('a cause for each effect (I2)', () => {
  const check = 'a cause for each effect';

  test('an effect whose cause is not there', () => {
    replace(good.mail, withHeaders(good.mail, { ce_causationid: 'nothing' }));
    expectFinding(check, /^good notify-customer succeeded .*: what caused it is not in the log/);
  });
  test('an effect that came before its cause', () => {
    replace(good.stock, { timestampMs: 1 });
    expectFinding(check, /^good reserve-stock succeeded .*came later/);
  });
  test('an effect of an event that does not trigger it', () => {
    replace(good.mail, withHeaders(good.mail, { ce_causationid: 'placed-good' }));
    expectFinding(check, /^good notify-customer .*its cause is a shop.orders.OrderPlaced/);
  });
  test('a join that nobody asked for', () => {
    replace(good.shipped, withHeaders(good.shipped, { ce_causationid: 'placed-good' }));
    expectFinding(check, /^good ship-order .*a join was triggered by an event/);
  });
  test('a request of another step', () => {
    replace(good.request, withHeaders(good.request, { ce_step: 'notify-customer' }));
    expectFinding(check, /^good ship-order .*asked of notify-customer/);
  });
  test('a compensation that nobody asked for', () => {
    replace(bad.release, withHeaders(bad.release, { ce_causationid: 'placed-bad' }));
    expectFinding(check, /^bad reserve-stock compensated .*its cause is no request/);
  });
  test('a step that ran before what it depends on', () => {
    replace(good.charge, { timestampMs: 1_000_000 });
    expectFinding(check, /^good ship-order .*it ran before charge-payment succeeded/);
  });
});

describe('compensation complete and in order (I3)', () => {
  const check = 'compensation complete and in order';

  test('a step that was not undone', () => {
    remove(bad.release);
    expectFinding(check, /^bad is compensated, and reserve-stock was not undone/);
  });
  test('a step that was undone twice', () => {
    repeat(bad.release, withHeaders(bad.release, { ce_id: 'once-more' }));
    expectFinding(check, /^bad undid reserve-stock 2 times/);
  });
  test('a step that was undone and had not happened', () => {
    remove(bad.stock);
    expectFinding(check, /^bad undid reserve-stock, which had not happened/);
  });
  test('a step undone in doubt, of which there was none', () => {
    replace(bad.release, withHeaders(bad.release, { ce_undoes: 'doubt' }));
    expectFinding(check, /^bad undid reserve-stock, which had not happened \(doubt\)/);
  });
  test('a completed saga of which something was undone', () => {
    const cause = bad.undoCharge;
    const undoes = good.charge.headers['ce_id'] ?? '';
    log.outcome('good', 'charge-payment', 'shop.payment.PaymentRefunded', { cause, undoes });
    expectFinding(check, /^good is completed, and charge-payment was undone/);
    expectFinding(check, /^good undid charge-payment although its pivot succeeded/);
  });
  test('a compensated saga whose pivot succeeded', () => {
    log.outcome('bad', 'ship-order', 'shop.shipping.OrderShipped', { cause: bad.request });
    expectFinding(check, /^bad is compensated, and its pivot ship-order succeeded/);
  });
  test('the first step undone before the second', () => {
    const [charged, asked] = bad.undone.payload as readonly unknown[];
    const [rejected, doomed, first] = bad.doomed.payload as readonly unknown[];
    replace(bad.doomed, { payload: [rejected, doomed, asked] });
    replace(bad.undone, { payload: [first, charged] });
    expectFinding(check, /^bad undid reserve-stock before charge-payment had come to its end/);
  });
  test('a step undone while what it triggered may still run', () => {
    const [, doomed, first] = bad.doomed.payload as readonly unknown[];
    replace(bad.doomed, { payload: [doomed, first] });
    expectFinding(check, /^bad undid charge-payment before ship-order had come to its end/);
  });
  test('the first step asked to be undone before the second was, by the clock of the broker', () => {
    replace(bad.undoStock, { timestampMs: bad.refund.timestampMs - 1 });
    expectFinding(check, /^bad asked to undo reserve-stock before charge-payment was undone/);
  });
});

describe('state equals the fold (I10)', () => {
  const check = 'state equals the fold';
  const progress = () => (good.state.payload as { readonly progress: object }).progress;

  test('a state that does not know of the end', () => {
    replace(good.state, {
      payload: { revision: 3, progress: { ...progress(), phase: 'running' } },
    });
    expectFinding(check, /^good folds to .*"completed".*and its state is .*"running"/);
  });
  test('a saga that the state has forgotten', () => {
    remove(good.state);
    expectFinding(check, /^good folds to .* its state is gone/);
  });
  test('a life-cycle record that is missing, although the fold is the same', () => {
    replace(good.state, { payload: { revision: 4, progress: progress() } });
    expectFinding(check, /^good has 3 life-cycle records, and its state counts 4/);
  });
});

describe('one writer for each shard (I5)', () => {
  const check = 'one writer for each shard';

  test('a request that was committed twice', () => {
    repeat(good.request);
    expectFinding(check, /^troupe.requests-0@\d+ repeats troupe.requests-0@\d+/);
  });
  test('a life-cycle record that was committed twice', () => {
    repeat(good.end);
    expectFinding(check, /^troupe.sagas-0@\d+ repeats troupe.sagas-0@\d+/);
  });
  test('input offsets that go back', () => {
    log.state('offsets', { 'shop.orders': '7' });
    log.state('offsets', { 'shop.orders': '5' });
    expectFinding(check, /goes back from 7 to 5 in shop.orders-0/);
  });
});

describe('money and stock conserved', () => {
  const check = 'money and stock conserved';

  test('a charge that is not the price', () => {
    replace(good.charge, { payload: { cents: 499 } });
    expectFinding(check, /^good is completed: 499 cents charged, 0 refunded, 500 had to stay/);
  });
  test('a refund that is not the charge', () => {
    replace(bad.refund, { payload: { cents: 1 } });
    expectFinding(check, /^bad is not completed: 500 cents charged, 1 refunded, 0 had to stay/);
  });
  test('goods that were not put back', () => {
    remove(bad.release);
    expectFinding(check, /^bad is not completed: 3 items reserved, 0 put back, 0 had to go/);
  });
  test('a parcel that was not sent', () => {
    remove(good.shipped);
    expectFinding(check, /^good is completed, and 0 parcels were sent/);
  });
  test('a mail of a parcel that never goes', () => {
    log.outcome('bad', 'notify-customer', 'shop.orders.CustomerNotified', { cause: bad.refused });
    expectFinding(check, /^bad is not completed, and 1 mails were sent/);
  });
});

describe('nothing set aside (I7)', () => {
  const check = 'nothing set aside';

  test('a dead letter', () => {
    const headers = { troupe_dead_letter_code: 'poison-message', troupe_dead_letter_message: 'no' };
    log.append({ topic: 'payment.dead-letter', key: 'good', value: {}, headers });
    expectFinding(check, /^payment.dead-letter-0@\d+, key good: poison-message: no/);
  });
  test('an event that no definition knows', () => {
    const headers = { ...good.mail.headers, ce_type: 'shop.orders.Unheard' };
    log.append({ topic: 'shop.orders', key: 'good', value: {}, headers });
    expectFinding(check, /no definition explains a shop.orders.Unheard/);
  });
});

test('each check was seen to find something', () => {
  expect([...caught].sort()).toEqual([...checkNames].sort());
});
