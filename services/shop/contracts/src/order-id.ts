import { t } from '@troupe/core';

/** The saga id of every order, and the Kafka key of each of its events. */
export const orderId = t.string().key().doc('The saga id, which is the key of the record.');
