/**
 * Ends the process although threads of it are in native code. Node waits for them at its exit, however long they take, and what it does
 * to them then makes onnxruntime abort the process. Another program in the place of this one ends them at once: one that does
 * nothing but exit with the same code. Where the system has no such thing, the exit goes on as it would.
 */
export const endNow = (code: number): void => {
  if (process.execve === undefined || process.platform === 'win32') return;
  process.execve(process.execPath, [process.execPath, '-e', `process.exit(${String(code)})`], {});
};
