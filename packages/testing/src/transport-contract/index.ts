export { transportContract } from './transport-contract.ts';
export type {
  ForeignRecord,
  TestedLimits,
  TransportFeatures,
  TransportFixture,
  TransportSetup,
} from './transport-fixture.ts';
