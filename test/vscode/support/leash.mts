// node leash.mts COMMAND [ARGS…]: runs a command that cannot outlive whoever holds this process's standard input.
//
// Started `detached`, hence the leader of a process group that holds all the command starts. When standard input ends
// (the test closed it, failed, or was killed in whatever way), the command is asked to end and then the group is killed.
import { spawn } from 'node:child_process';

const GRACE_MS = 3_000;

const [command, ...args] = process.argv.slice(2);
if (!command) throw new Error('usage: node leash.mts COMMAND [ARGS…]');
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

const killGroup = (): void => {
  process.kill(-process.pid, 'SIGKILL');
};
child.on('error', error => {
  console.error(String(error));
  killGroup();
});
child.on('exit', killGroup); // what it started must not stay behind
process.stdin.on('error', () => {});
process.stdin.on('close', () => {
  child.kill('SIGTERM');
  setTimeout(killGroup, GRACE_MS);
});
process.stdin.resume();
