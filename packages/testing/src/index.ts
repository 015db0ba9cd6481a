export {
  type InboxFeatures,
  type InboxFixture,
  type InboxSetup,
  inboxContract,
} from './inbox-contract.ts';
