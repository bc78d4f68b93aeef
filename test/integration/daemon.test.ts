import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { addToTransmission, callTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { freePort } from '../tools/ports.ts';
import { makeTorrent } from '../tools/torrents.ts';

/** Whether a process of this id exists; a zombie counts until it is waited for. */
function isAlive(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? 0, 0) && pid !== undefined;
  } catch {
    return false;
  }
}

const FIELDS = ['name', 'percentDone', 'status', 'labels', 'isPrivate', 'files', 'error'];
const STATUS = { stopped: 0, seeding: 6 };

/** The torrents by name, when there are as many: after a restart 3.00 answers before it has loaded them. */
async function torrentsOf(daemon: Daemon, count: number) {
  for (const deadline = Date.now() + 10_000; ; await sleep(50)) {
    const { torrents } = await callTransmission(daemon, 'torrent-get', { fields: FIELDS });
    if (torrents.length === count || Date.now() > deadline)
      return new Map(torrents.map((torrent: { name: string }) => [torrent.name, torrent]));
  }
}

test('transmission takes torrents in different states and keeps them over a restart', async () => {
  await using daemon = await startTransmission();
  const odd = 'odd \u202eemoji-\u00fc\u0007\u200b';
  const complete = makeTorrent({ name: 'complete.iso', size: 300_000, isPrivate: true });
  const half = makeTorrent({
    name: 'half',
    files: [
      { path: 'a', size: 131_072 },
      { path: 'b/c', size: 131_072 },
    ],
  });
  await addToTransmission(daemon, complete, { share: 1, isPaused: false, labels: ['one', 'two'] });
  await addToTransmission(daemon, half, { share: 0.5 });
  await addToTransmission(daemon, makeTorrent({ name: odd }));

  const check = async () => {
    const torrents = await torrentsOf(daemon, 3);
    const known = { status: STATUS.stopped, percentDone: 0, labels: [], isPrivate: false, error: 0 };
    const of = (name: string) => {
      const { files, ...others } = torrents.get(name) as { files: { bytesCompleted: number }[] };
      return { ...others, completed: files.map(file => file.bytesCompleted) };
    };
    assert.deepEqual(of('complete.iso'), {
      ...{ ...known, name: 'complete.iso', status: STATUS.seeding, percentDone: 1 },
      ...{ labels: ['one', 'two'], isPrivate: true, completed: [300_000] },
    });
    assert.deepEqual(of('half'), { ...known, name: 'half', percentDone: 0.5, completed: [131_072, 0] });
    assert.deepEqual(of(odd), { ...known, name: odd, completed: [0] });
    assert.equal(torrents.size, 3);
  };
  await check();
  const { pid, port } = daemon;
  await daemon.restart();
  assert.notEqual(daemon.pid, pid);
  assert.equal(daemon.port, port);
  await check();
});

test('a daemon stops, dies, comes back, and leaves nothing', async () => {
  let home: string;
  let pid: number | undefined;
  {
    await using daemon = await startTransmission();
    ({ home, pid } = daemon);
    await daemon.kill();
    assert.equal(daemon.pid, undefined);
    assert.equal(isAlive(pid), false);
    await assert.rejects(callTransmission(daemon, 'session-get'));
    await daemon.restart();
    await daemon.stop();
    await daemon.stop();
    await daemon.restart();
    ({ pid } = daemon);
    assert.equal(isAlive(pid), true);
  }
  assert.equal(isAlive(pid), false);
  assert.equal(existsSync(home), false);
});

test('credentials are asked for, or none', async () => {
  await using closed = await startTransmission({ username: 'fnark', password: 'p:ä/@ %41' });
  await callTransmission(closed, 'session-stats');
  await assert.rejects(
    callTransmission({ ...place(closed), password: 'wrong' }, 'session-stats'),
    /HTTP 401/,
  );
  await using open = await startTransmission({ username: '', settings: { 'download-dir': '/nowhere' } });
  const session = await callTransmission({ ...place(open), username: 'any' }, 'session-get');
  assert.equal(session['download-dir'], '/nowhere');
});

const place = ({ home, port, username, password }: Daemon) => ({ home, port, username, password });

test('a port that somebody else has is not taken for the daemon', async t => {
  const port = await freePort();
  const other = createServer((_request, response) => response.end('{"result":"success","arguments":{}}'));
  other.listen(port, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  await assert.rejects(startTransmission({ port }), /somebody else/);
});

test('a daemon ends with the process that started it, however that ends', async t => {
  const tool = path.join(import.meta.dirname, '../tools/daemons/transmission.ts');
  const script = `const { startTransmission } = await import(${JSON.stringify(tool)});
    const daemon = await startTransmission();
    process.on('SIGTERM', () => process.exit(0));
    console.log(JSON.stringify({ pid: daemon.pid, home: daemon.home }));
    setInterval(() => {}, 1000);`;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    await t.test(signal, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await once(child.stdout, 'data');
      const { pid, home } = JSON.parse(String(line));
      assert.equal(isAlive(pid), true);
      child.kill(signal);
      await once(child, 'exit');
      for (let waited = 0; isAlive(pid) && waited < 5000; waited += 50) await sleep(50);
      assert.equal(isAlive(pid), false);
      if (signal === 'SIGTERM') assert.equal(existsSync(home), false);
    });
});
