const format = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/** As `€1,234.50`. */
export function euros(cents: number): string {
  return format.format(cents / 100);
}
