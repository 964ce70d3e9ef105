import type { OutgoingHttpHeaders } from 'node:http';
import type { Dockerfile } from '../docker/archive/build.ts';
import { pinned } from '../docker/archive/dockerfile/pinned.ts';
import { mayTakeFrom } from '../docker/archive/dockerfile/trigger.ts';
import { imageFact } from '../docker/facts/image.ts';
import { formatImageName, type ImageName } from '../docker/image-reference.ts';
import { encodeName } from '../docker/path.ts';
import { credentialsFor } from '../docker/registry-credentials.ts';
import { withQuery } from '../docker/request.ts';
import { quoted } from '../docker/text.ts';
import type { ApiRequest } from '../docker/types.ts';
import { Refusal } from '../errors.ts';
import type { AskEngine } from '../upstream/ask.ts';
import type { Acts } from './names/bridge.ts';
import { untold } from './refer.ts';

/** How long the Engine may say nothing while it pulls: it unpacks large layers without a word. */
const PULL_PATIENCE_MS = 600_000;
/** Of what the Engine says of a pull that failed. */
const MOST_SAID = 512;
/** What refusals are about. */
const FIELD = 'Dockerfile';

/** A build as the Engine is to get it. */
export interface PinnedBuild {
  readonly api: ApiRequest;
  /** What stands in the archive's Dockerfile. */
  readonly dockerfile: Buffer;
  /** What was changed, for the audit record: a sentence for each image. */
  readonly changes: readonly string[];
}

interface Shown {
  readonly Id?: unknown;
  readonly Config?: { readonly OnBuild?: readonly string[] | null } | null;
  /** From API 1.48 on: what kind of thing the id is of. */
  readonly Descriptor?: { readonly mediaType?: string } | null;
}

/** An index of images for several platforms: of OCI, and of Docker. */
const INDEX = /index|manifest\.list/;

/**
 * Has each stage of a build start from an image by its id. The Engine resolves a name when it comes to the stage, which whoever
 * builds can put off and give the name to another image meanwhile; and what an image has later builds do (ONBUILD) may take files
 * out of any image on the Engine, whoever may see it. So it is the image that is looked at here which the build starts from. One
 * that is not there is pulled, as the builder would do.
 *
 * @param headers that the Engine is to get, for credentials
 * @throws Refusal 403 `base-image-triggers`, `base-image-platform`, 404 `base-image-absent`, 502 `engine-can-not-tell`, 503
 *   `audit-unavailable`
 */
export async function pinBases(
  api: ApiRequest,
  dockerfile: Dockerfile,
  {
    ask,
    acts,
    headers,
  }: { readonly ask: AskEngine; readonly acts: Acts; readonly headers: OutgoingHttpHeaders },
): Promise<PinnedBuild> {
  const { pull, ...query } = api.query;
  const platform = api.query['platform'];
  const ids = new Map<string, string>();
  for (const { image, flags } of dockerfile.froms) {
    if (ids.has(image)) continue;
    const { name, reference } = imageFact(FIELD, image);
    if (name === null) throw untold(image, FIELD);
    const isForPlatform = (platform ?? '') !== '' || flags.length > 0;
    let found = pull === true ? undefined : await inspect(reference, ask);
    if (found === undefined) {
      await pullImage(name, { platform, ask, acts, headers });
      found = await inspect(reference, ask);
    }
    if (found === undefined) throw absent(reference, 'it is gone again');
    ids.set(image, checked(found, reference, isForPlatform));
  }
  return {
    api: pull === undefined ? api : withQuery(api, query),
    dockerfile: pinned(dockerfile, (image) => ids.get(image) as string),
    changes: changesOf(ids),
  };
}

/** The id of an image that a build may start from. */
function checked(
  { Id: id, Config: config, Descriptor: descriptor }: Shown,
  reference: string,
  isForPlatform: boolean,
): string {
  if (typeof id !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(id)) {
    throw new Refusal(
      502,
      'engine-can-not-tell',
      `the Engine could not tell which image ${quoted(reference)} is`,
    );
  }
  if (isForPlatform && INDEX.test(descriptor?.mediaType ?? '')) {
    throw new Refusal(
      403,
      'base-image-platform',
      `it can not be told what ${quoted(reference)} has builds do on another platform: name an image of that platform alone, and none in the build`,
      { field: FIELD },
    );
  }
  if ((config?.OnBuild ?? []).some(mayTakeFrom)) {
    throw new Refusal(
      403,
      'base-image-triggers',
      `the image ${quoted(reference)} has builds take files from another image (ONBUILD): build it without, or have the Dockerfile say it`,
      { field: FIELD },
    );
  }
  return id;
}

async function inspect(reference: string, ask: AskEngine): Promise<Shown | undefined> {
  const { status, text } = await ask('GET', `/images/${encodeName(reference)}/json`);
  if (status === 404) return undefined;
  if (status !== 200) {
    throw new Refusal(
      502,
      'engine-can-not-tell',
      `the Engine could not tell which image ${quoted(reference)} is`,
      {
        cause: new Error(String(status)),
      },
    );
  }
  return JSON.parse(text) as Shown;
}

/** Has the Engine pull an image, on behalf of who builds: it is recorded before it is done. */
async function pullImage(
  name: ImageName,
  {
    platform,
    ask,
    acts,
    headers,
  }: {
    readonly platform: unknown;
    readonly ask: AskEngine;
    readonly acts: Acts;
    readonly headers: OutgoingHttpHeaders;
  },
): Promise<void> {
  const reference = formatImageName(name);
  const { tag = '', digest = tag, ...bare } = name;
  const made = await acts({ operation: 'ImageCreate', resource: `image/${reference}`, reason: 'base-image' });
  const query = new URLSearchParams({ fromImage: formatImageName(bare), tag: digest });
  if (typeof platform === 'string' && platform !== '') query.set('platform', platform);
  const config = headers['x-registry-config'];
  const credentials = typeof config === 'string' ? credentialsFor(config, name.domain) : undefined;
  const asking = {
    patienceMs: PULL_PATIENCE_MS,
    ...(credentials === undefined ? {} : { headers: { 'X-Registry-Auth': credentials } }),
  };
  const { status, text } = await ask('POST', `/images/create?${query}`, undefined, asking);
  made(status);
  const error = status === 200 ? errorIn(text) : (errorIn(text) ?? `status ${status}`);
  if (error !== undefined) throw absent(reference, error);
}

/** What went wrong, in the answer to a pull: JSON values in lines, or one that is all of it. */
function errorIn(text: string): string | undefined {
  for (const line of text.split('\n')) {
    if (!/"(?:error|message)"/.test(line)) continue;
    try {
      const { error, message } = JSON.parse(line) as { readonly error?: string; readonly message?: string };
      const said = error ?? message;
      if (said !== undefined) return said.slice(0, MOST_SAID);
    } catch {
      return 'the Engine did not finish';
    }
  }
  return undefined;
}

function absent(reference: string, why: string): Refusal {
  return new Refusal(404, 'base-image-absent', `the image ${quoted(reference)} could not be pulled: ${why}`, {
    field: FIELD,
  });
}

/** How many images a record says by name. */
const MOST_TOLD = 32;

function changesOf(ids: ReadonlyMap<string, string>): readonly string[] {
  const told = [...ids].slice(0, MOST_TOLD).map(([image, id]) => `its ${quoted(image)} is ${id}`);
  return ids.size > MOST_TOLD ? [...told, `and ${ids.size - MOST_TOLD} more images by their ids`] : told;
}

/** That the Dockerfile has lines which builders join differently, or a size that its header does not say. */
export function notPinnable(): Refusal {
  return new Refusal(
    403,
    'archive-untold',
    'it can not be told which lines of the Dockerfile say what this build starts from: write no indented comments between continued lines',
    { field: FIELD },
  );
}
