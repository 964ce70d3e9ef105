import { afterAll, beforeAll, expect, test } from 'vitest';
import { http, json } from '../support/front-door.ts';
import type { Answer } from '../support/http.ts';
import { openTenants, type Tenants } from '../support/tenants.ts';

/** What bob of team-b tried on alice of team-a, on a real Engine, and what came of it before it was mended. */
let tenants: Tenants;

beforeAll(async () => {
  tenants = await openTenants();
});

afterAll(async () => {
  await tenants?.close();
});

const V = '/v1.41';

function get(as: string, path: string): Promise<Answer> {
  return tenants.door.ask(http(`GET ${V}${path}`), as);
}

function post(as: string, path: string, body?: unknown): Promise<Answer> {
  const line = `POST ${V}${path}`;
  return tenants.door.ask(
    body === undefined ? http(line, 'Content-Length: 0') : json(line, JSON.stringify(body)),
    as,
  );
}

function only(filters: Readonly<Record<string, readonly string[]>>): string {
  return `filters=${encodeURIComponent(JSON.stringify(filters))}`;
}

test('an error that echoes twenty thousand ids of the client keeps nobody waiting', async () => {
  const ids = Array.from({ length: 20_000 }, (_, index) => index.toString(16).padStart(12, 'a')).join(' ');
  const started = performance.now();
  const answer = await post('bob', '/containers/create', { Image: 'busybox', WorkingDir: ids });
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('aaaaaaaaaaa0 aaaaaaaaaaa1 ');
  // It took minutes, in which the gateway answered nobody.
  expect(performance.now() - started).toBeLessThan(5_000);
});
