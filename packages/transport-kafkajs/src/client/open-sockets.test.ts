import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { OpenSockets } from './open-sockets.ts';

it('nothing piles up on a connection that has ended, however often kafkajs lets go of it', async () => {
  const sockets = new OpenSockets(() => new Socket());
  const socket = sockets.factory({ host: 'b', port: 1, ssl: {}, onConnect: () => undefined });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  sockets.cut();
  await closed;
  for (let attempt = 0; attempt < 20; attempt += 1) socket.unref();
  expect(socket.listenerCount('connect')).toBe(0);
});
