/** What the text of a schema may be at most: it comes from a registry, which others write to. */
export const schemaTextLimits = {
  charsMax: 1_048_576,
  /** Brackets within brackets: some three for each type within a type. */
  jsonDepthMax: 128,
  /** Types within types, through names too. */
  depthMax: 64,
  /** Steps to read one value, not counting the items of arrays and maps. Names make a short text a huge type. */
  nodesMax: 20_000,
  /** Parts of one value that take no byte: work that no length of a message bounds. */
  emptyNodesMax: 64,
} as const;

export type SchemaTextLimits = Readonly<Record<keyof typeof schemaTextLimits, number>>;
