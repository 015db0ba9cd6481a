import type { OutgoingRecord } from '@troupe/core';
import type { Message, TopicMessages } from 'kafkajs';

/** Records as kafkajs takes them: by topic, each topic's in their order. */
export function topicMessages(records: readonly OutgoingRecord[]): TopicMessages[] {
  const byTopic = new Map<string, Message[]>();
  for (const { topic, key, value, headers, partition } of records) {
    let messages = byTopic.get(topic);
    if (messages === undefined) {
      messages = [];
      byTopic.set(topic, messages);
    }
    messages.push({
      key,
      value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.length),
      headers: headers as Message['headers'],
      ...(partition === undefined ? {} : { partition }),
    } as Message);
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}
