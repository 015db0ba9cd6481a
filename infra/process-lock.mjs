// A lock between processes of one user: a file that holds the pid of its owner.
//
// 1. The file appears with its pid in it (a hard link), so a lock never lacks an owner.
// 2. The lock of a process that is gone is taken over; nothing has to be cleaned up by hand.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 200;
const waitMsMax = 20 * 60_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readOwner(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function tryToTake(file, claim) {
  try {
    linkSync(claim, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moved aside before it is removed: of two that find the same dead owner only one gets it. */
function removeIfAbandoned(file, claim) {
  const owner = readOwner(file);
  if (owner === undefined || (owner > 0 && isAlive(owner))) return;
  const aside = `${claim}.abandoned`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  // Between our look and our move another one may have taken the lock over: give it back.
  if (readOwner(aside) !== owner) tryToTake(file, aside);
  rmSync(aside, { force: true });
}

/** Runs `work` while this process holds `file`; waits for another owner to finish. */
export async function withLock(file, work, signal) {
  mkdirSync(dirname(file), { recursive: true });
  const claim = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(claim, String(process.pid));
  try {
    const giveUpAt = Date.now() + waitMsMax;
    while (!tryToTake(file, claim)) {
      signal?.throwIfAborted();
      if (Date.now() > giveUpAt) {
        throw new Error(`Process ${readOwner(file)} holds ${file}; remove it if none is at work.`);
      }
      removeIfAbandoned(file, claim);
      await delay(pollMs, undefined, { signal });
    }
    try {
      return await work();
    } finally {
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(claim, { force: true });
  }
}
