// node test/tools/bootstrap.mjs test/tools/start.ts: real daemons and a real VS Code with the extension, to click in.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { startServer } from '../vscode/support/server.ts';
import { type DemoClient, startDemoDaemons } from './demo.ts';
import { build, packageExtension } from './package.ts';
import { startVsCodeFront } from './vscode-front.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Resolves when the user wants an end. */
const interrupted = new Promise<void>(resolve => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
});

const settingsFor = (clients: readonly DemoClient[]) => ({
  'btRpc.clients': clients,
  // What was typed into the settings must not stay in the editor's history either.
  'workbench.localHistory.enabled': false,
});

/** Whether a window could be shown. */
function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** The executable of a desktop VS Code, downloaded once; undefined where none can be had. */
async function desktop(): Promise<string | undefined> {
  if (!hasDisplay()) return undefined;
  try {
    return await downloadAndUnzipVSCode({ version: 'stable', cachePath: path.join(root, '.vscode-test') });
  } catch (error) {
    console.log(`A desktop VS Code cannot be had here: ${(error as Error).message}`);
    return undefined;
  }
}

/** Opens a window with data of its own; resolves when it is closed or the user interrupts. */
async function runDesktop(executable: string, place: string, clients: readonly DemoClient[]): Promise<void> {
  const user = path.join(place, 'user/User');
  await mkdir(user, { recursive: true });
  await writeFile(path.join(user, 'settings.json'), JSON.stringify(settingsFor(clients), null, 2));
  const child = spawn(
    executable,
    [
      `--extensionDevelopmentPath=${root}`,
      `--user-data-dir=${path.join(place, 'user')}`,
      `--extensions-dir=${path.join(place, 'extensions')}`,
      '--disable-workspace-trust',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      path.join(place, 'folder'),
    ],
    { stdio: 'ignore' },
  );
  const closed = new Promise<void>((resolve, reject) =>
    child.on('close', () => resolve()).on('error', reject),
  );
  console.log('\nVS Code is open. Closing it, or Ctrl+C here, ends everything.');
  await Promise.race([closed, interrupted]);
  child.kill();
}

/** Serves VS Code to a browser until the user interrupts. */
async function runServer(
  stack: AsyncDisposableStack,
  place: string,
  clients: readonly DemoClient[],
): Promise<void> {
  console.log('Starting VS Code …');
  const server = stack.use(await startServer({ vsix: packageExtension(), settings: settingsFor(clients) }));
  const front = stack.use(await startVsCodeFront(server.port));
  const folder = encodeURIComponent(path.join(place, 'folder'));
  console.log(`\nOpen http://127.0.0.1:${front.port}/?folder=${folder}\nCtrl+C ends everything.`);
  await interrupted;
}

async function main(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const place = await mkdtemp(path.join(os.tmpdir(), 'bt-rpc-start-'));
  stack.defer(() => rm(place, { recursive: true, force: true, maxRetries: 5 }));
  await mkdir(path.join(place, 'folder'));
  console.log('Building …');
  build();
  const daemons = await Promise.race([startDemoDaemons(stack), interrupted]);
  const clients = daemons?.map(({ client }) => client);
  const executable = clients && (await Promise.race([desktop(), interrupted]));
  if (clients && executable) await runDesktop(executable, place, clients);
  else if (clients) await runServer(stack, place, clients);
  console.log('Ending everything …');
}

await main();
