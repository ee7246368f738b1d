import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EcluseError } from '@ecluse/errors';

const run = promisify(execFile);

/**
 * PostgreSQL refuses to run as root: the user to run it as, made when it is missing. Undefined for everyone else.
 * Throws STACK_BROKEN when root cannot make it.
 */
export async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    return (await findUser()) ?? (await makeUser());
  } catch (error) {
    throw new EcluseError('STACK_BROKEN', {
      detail:
        'PostgreSQL does not run as root, and the system user "postgres" cannot be made. Start the stack as another user.',
      cause: error,
    });
  }
}

async function findUser(): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined; // `id` exits 1 for an unknown user
  }
}

async function makeUser(): Promise<{ uid: number; gid: number }> {
  await run('groupadd', ['--system', '--force', 'postgres']);
  await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']);
  const user = await findUser();
  if (user === undefined) throw new Error('useradd succeeded, but the user is unknown');
  return user;
}
