import { Installation, withoutTopics } from '../e2e/installation.ts';
import { rulesOnStage } from './rules-on-stage.ts';

rulesOnStage('on Kafka', () => Installation.open(withoutTopics));
