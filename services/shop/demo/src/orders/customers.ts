import type { OrderRequest } from '@shop/order';

type Address = OrderRequest['shipTo'];

export const customerNames = [
  'Isabella Andreini',
  'Molière Poquelin',
  'Aphra Behn',
  'Carlo Goldoni',
  'Sarah Bernhardt',
  'Lope de Vega',
  'Caroline Neuber',
  'Edmund Kean',
  'Eleonora Duse',
  'Ira Aldridge',
  'Adrienne Lecouvreur',
  'Konrad Ekhof',
] as const;

export const servedAddresses: readonly [Address, ...Address[]] = [
  { street: '2 rue de Richelieu', postcode: '75001', city: 'Paris', country: 'FR' },
  { street: 'Theaterplatz 2', postcode: '99423', city: 'Weimar', country: 'DE' },
  { street: 'Corte del Teatro 4', postcode: '30124', city: 'Venezia', country: 'IT' },
  { street: 'Calle del Príncipe 25', postcode: '28012', city: 'Madrid', country: 'ES' },
  { street: 'Leidseplein 26', postcode: '1017 PT', city: 'Amsterdam', country: 'NL' },
  { street: '21 New Globe Walk', postcode: 'SE1 9DT', city: 'London', country: 'GB' },
  { street: '245 West 52nd Street', postcode: '10019', city: 'New York', country: 'US' },
];

export const remoteAddresses: readonly [Address, ...Address[]] = [
  { street: 'Hverfisgata 19', postcode: '101', city: 'Reykjavík', country: 'IS' },
  { street: 'Ross Island 1', postcode: '96599', city: 'McMurdo', country: 'AQ' },
  { street: 'Main Road 3', postcode: 'TDCU 1ZZ', city: 'Tristan da Cunha', country: 'SH' },
];
