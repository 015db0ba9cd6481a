export { inboxContract } from './inbox-contract.ts';
export type { InboxFeatures, InboxFixture, InboxSetup } from './inbox-fixture.ts';
