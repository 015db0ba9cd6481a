// The process of one side: does the measurements that it is asked for, one after the other. Between
// them it keeps nothing but the machine code that the engine made.
import { answerRequests } from '../bench-process.ts';
import { sides } from './chain-options.ts';
import { runSide, type SideRunRequest } from './side-run.ts';

const side = sides.find((name) => name === process.argv[2]);
if (side === undefined) throw new RangeError(`There is no side '${process.argv[2]}'.`);

answerRequests((request: SideRunRequest) => runSide(side, request));
