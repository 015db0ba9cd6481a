import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { canListen, freePort, onFreePorts } from './free-port.ts';

describe('freePort', () => {
  it('gives ports that are free, each once, below those of outgoing connections', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) {
      expect(port).toBeLessThan(32_768);
      expect(await canListen(port)).toBe(true);
    }
  });

  it('sees a port that somebody listens on', async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((settle) => server.listen(port, '127.0.0.1', settle));
    expect(await canListen(port)).toBe(false);
    server.close();
  });
});

describe('onFreePorts', () => {
  it('starts again on other ports when one was taken in between', async () => {
    let starts = 0;
    const started = await onFreePorts(async () => {
      starts += 1;
      if (starts < 3) throw new Error('java.net.BindException: Address already in use');
      return 'started';
    });
    expect([started, starts]).toEqual(['started', 3]);
  });

  it('does not repeat a start that failed for another reason, nor for ever', async () => {
    let starts = 0;
    const failWith = (message: string) => async () => {
      starts += 1;
      throw new Error(message);
    };
    await expect(onFreePorts(failWith('no such disk'))).rejects.toThrow('no such disk');
    expect(starts).toBe(1);
    await expect(onFreePorts(failWith('address already in use'))).rejects.toThrow('in use');
    expect(starts).toBe(4);
  });
});
