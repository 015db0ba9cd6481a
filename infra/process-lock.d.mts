/** Runs `work` while this process holds `file`; waits for another owner to finish. */
export function withLock<T>(file: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
