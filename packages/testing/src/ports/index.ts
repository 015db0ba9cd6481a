export { type ForeignRecordOptions, foreignRecord } from './foreign-record.ts';
export { portWith } from './port-with.ts';
export { readAll } from './read-all.ts';
