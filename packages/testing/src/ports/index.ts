export { portWith } from './port-with.ts';
