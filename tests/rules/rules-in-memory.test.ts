import { rulesOnStage } from './rules-on-stage.ts';
import { memoryGround } from './stage/ground.ts';

rulesOnStage('in memory', memoryGround);
