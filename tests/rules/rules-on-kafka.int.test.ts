import { KafkaAndRegistry, withoutTopics } from '../installations/kafka-and-registry.ts';
import { rulesOnStage } from './rules-on-stage.ts';

rulesOnStage('on Kafka', () => KafkaAndRegistry.open(withoutTopics));
