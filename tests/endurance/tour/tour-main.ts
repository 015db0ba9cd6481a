// The service of the tours as a process. Owns its database.
import { createService } from '@troupe/core';
import {
  databasePath,
  readServiceSettings,
  runServiceProcess,
  SettingsReader,
} from '@troupe/service-process';
import { createSqliteInbox } from '@troupe/sqlite';
import { BookingBook } from './booking-book.ts';
import { tourHandlers } from './tour-handlers.ts';
import { goOnTour } from './tour-saga.ts';

await runServiceProcess({
  name: 'tour',
  settings: () => {
    const read = new SettingsReader('tour', process.env);
    return read.finish(readServiceSettings(read, { healthPort: 0 }));
  },
  create(parts, { dataFolder }) {
    const path = databasePath(dataFolder, 'tour');
    const inbox = createSqliteInbox({ path, onOpen: (database) => BookingBook.open(database) });
    return createService({
      ...parts,
      name: 'tour',
      inbox,
      sagas: [goOnTour],
      handlers: tourHandlers(inbox),
    });
  },
});
