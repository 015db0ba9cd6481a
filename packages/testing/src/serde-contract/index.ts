export { serdeContract } from './serde-contract.ts';
export type { SerdeFeatures, SerdeFixture, SerdeSetup } from './serde-fixture.ts';
