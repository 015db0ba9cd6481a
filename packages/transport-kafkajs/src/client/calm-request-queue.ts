import { kafkajsModule, patchOnce } from './kafkajs-modules.ts';

const queueModule = 'kafkajs/src/network/requestQueue/index.js';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Stops a timer that kafkajs lets run for each connection. Its queue of requests looks after the broker's throttling: it
 * sets a timer for when that ends, `throttledUntil - Date.now()`, also when there is no throttling (`throttledUntil` is
 * -1) and nothing waits. The delay is then negative, which Node takes for 1 ms (and warns of from version 24 on), and
 * the timer sets itself again: a thousand times a second for each connection, for ever. Nothing needs it while no
 * request waits, since every request that has to wait sets it too.
 * Idempotent.
 */
export function calmRequestQueue(): void {
  patchOnce('calm request queue', () => {
    const { prototype } = kafkajsModule<{ prototype: RequestQueue }>(queueModule);
    const schedule = prototype.scheduleCheckPendingRequests;
    prototype.scheduleCheckPendingRequests = function scheduleWhereSomethingWaits() {
      if (this.pending.length > 0) schedule.call(this);
    };
  });
}
