import { databasePath, listen, runServiceProcess } from '@troupe/service-process';
import { readSettings } from './config.ts';
import { createOrderService } from './order-service.ts';
import { createOrdersApi } from './orders-api.ts';

await runServiceProcess({
  name: 'order',
  settings: () => readSettings(process.env),
  create(parts, { dataFolder, host, httpPort }) {
    const order = createOrderService({ ...parts, databasePath: databasePath(dataFolder, 'order') });
    const api = createOrdersApi((request) => order.place(request));
    return {
      health: () => order.health(),
      async start() {
        await order.start();
        // Last: whoever can connect can place an order.
        const port = await listen(api, { host, port: httpPort, setting: 'HTTP_PORT' });
        parts.logger.info(`orders are taken on port ${port}`, { port });
      },
      async stop() {
        await api.close();
        await order.stop();
      },
    };
  },
});
