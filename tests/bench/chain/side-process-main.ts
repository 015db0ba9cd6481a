// The process of one side: does the measurements that it is asked for, one after the other, and ends
// when its parent does. Between them it keeps nothing but the machine code that the engine made.
import { sides } from '../bench-options.ts';
import { runSide, type SideRunRequest } from './side-run.ts';

const side = sides.find((name) => name === process.argv[2]);
if (side === undefined) throw new RangeError(`There is no side '${process.argv[2]}'.`);

process.on('disconnect', () => process.exit(1));
process.on('message', async (request: SideRunRequest) => {
  try {
    process.send?.({ result: await runSide(side, request) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : error });
  }
});
