/** The topics that Troupe keeps for itself; all but `definitions` and `participants` have the partition count of the domain. */
export const internalTopics = {
  definitions: 'troupe.definitions',
  participants: 'troupe.participants',
  requests: 'troupe.requests',
  outcomes: 'troupe.outcomes',
  commands: 'troupe.commands',
  state: 'troupe.state',
  sagas: 'troupe.sagas',
} as const;

export function retryTopic(groupId: string): string {
  return `${groupId}.retry`;
}

export function deadLetterTopic(groupId: string): string {
  return `${groupId}.dead-letter`;
}
