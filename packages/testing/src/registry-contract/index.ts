export {
  type RegistryFeatures,
  type RegistryFixture,
  type RegistrySetup,
  registryContract,
} from './registry-contract.ts';
