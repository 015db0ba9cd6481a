/** Plain Avro JSON, as a registry stores it. */
export type AvroJson = string | readonly AvroJson[] | { readonly [attribute: string]: unknown };
