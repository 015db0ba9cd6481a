import { type OrderLine, totalCentsOf } from '@shop/order';
import type { OrderEnd } from '../observer/order-ends.ts';
import { euros } from '../output/euros.ts';
import type { BookedReservation, OrderBooks } from './shop-books.ts';

/** What does not fit in the books of one order that ended so, as sentences. */
export function orderFaults(
  lines: readonly OrderLine[],
  end: OrderEnd,
  books: OrderBooks,
): readonly string[] {
  const faults = doubles(books);
  if (end === 'completed') faults.push(...faultsOfCompleted(lines, books));
  if (end === 'compensated') faults.push(...faultsOfCompensated(books));
  return faults;
}

/** Nothing may happen twice, however the order ended. */
function doubles({ reservations, charges, shipments, notifications }: OrderBooks): string[] {
  const counts = {
    reservations: reservations.length,
    charges: charges.length,
    parcels: shipments,
    mails: notifications,
  };
  return Object.entries(counts)
    .filter(([, count]) => count > 1)
    .map(([what, count]) => `it has ${count} ${what}`);
}

function faultsOfCompleted(lines: readonly OrderLine[], books: OrderBooks): string[] {
  const faults: string[] = [];
  const [reservation] = books.reservations;
  if (reservation === undefined) faults.push('no stock was reserved for it');
  else {
    if (reservation.state !== 'consumed') {
      faults.push(`its reservation is ${reservation.state}, and the parcel is gone`);
    }
    if (!holds(reservation, lines)) faults.push('its reservation is not what was ordered');
  }
  const [charge] = books.charges;
  const totalCents = totalCentsOf(lines);
  if (charge === undefined) faults.push('it was never charged');
  else if (charge.refunded) faults.push('it was shipped, and its charge refunded');
  else if (charge.cents !== totalCents) {
    faults.push(`it was charged ${euros(charge.cents)} and costs ${euros(totalCents)}`);
  }
  if (books.shipments === 0) faults.push('no parcel was sent');
  if (books.notifications === 0) faults.push('the customer was not told');
  return faults;
}

function faultsOfCompensated(books: OrderBooks): string[] {
  const faults = books.reservations
    .filter(({ state }) => state !== 'released')
    .map(({ state }) => `its reservation is ${state}, not released`);
  for (const { cents, refunded } of books.charges) {
    if (!refunded) faults.push(`its charge of ${euros(cents)} was not refunded`);
  }
  if (books.shipments > 0) faults.push('a parcel was sent');
  if (books.notifications > 0) faults.push('the customer was told that it comes');
  return faults;
}

function holds({ units }: BookedReservation, lines: readonly OrderLine[]): boolean {
  const ordered = new Map<string, number>();
  for (const { sku, quantity } of lines) ordered.set(sku, (ordered.get(sku) ?? 0) + quantity);
  return (
    ordered.size === units.size && [...ordered].every(([sku, count]) => units.get(sku) === count)
  );
}
