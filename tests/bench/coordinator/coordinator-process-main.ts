// The process of the measured coordinator. A saga that is restored is restored into a new process.
import { answerRequests } from '../bench-process.ts';
import { runCoordinator } from './coordinator-run.ts';

answerRequests(runCoordinator);
