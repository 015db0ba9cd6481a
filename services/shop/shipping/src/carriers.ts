/** Who brings a parcel to which country. */
const carriers: ReadonlyMap<string, string> = new Map([
  ['FR', 'La Poste'],
  ['DE', 'DHL'],
  ['IT', 'Poste Italiane'],
  ['ES', 'Correos'],
  ['NL', 'PostNL'],
  ['GB', 'Royal Mail'],
  ['US', 'USPS'],
]);

/** Undefined: nobody goes there. `country` is ISO 3166-1 alpha-2. */
export function carrierTo(country: string): string | undefined {
  return carriers.get(country);
}

export const servedCountries: readonly string[] = [...carriers.keys()];
