import type { OutgoingHttpHeaders } from 'node:http';
import type { Dockerfile } from '../docker/archive/build.ts';
import type { From } from '../docker/archive/dockerfile/bases.ts';
import { pinned } from '../docker/archive/dockerfile/pinned.ts';
import { mayTakeFrom } from '../docker/archive/dockerfile/trigger.ts';
import { imageFact } from '../docker/facts/image.ts';
import {
  formatImageName,
  type ImageName,
  parseImageName,
  withDefaultTag,
} from '../docker/image-reference.ts';
import { encodeName } from '../docker/path.ts';
import { credentialsFor } from '../docker/registry-credentials.ts';
import { withQuery } from '../docker/request.ts';
import { quoted } from '../docker/text.ts';
import type { ApiRequest } from '../docker/types.ts';
import { clientGone, Refusal } from '../errors.ts';
import type { AskEngine } from '../upstream/ask.ts';
import type { PullImage } from '../upstream/pull.ts';
import type { Acts } from './names/bridge.ts';
import { untold } from './refer.ts';

/** How many images a build may start from. */
const MOST_IMAGES = 128;
/** Of what the Engine says of a pull that failed, in characters. */
const MOST_SAID = 512;
/** How many images a record says by name. */
const MOST_TOLD = 32;
/** What refusals are about. */
const FIELD = 'Dockerfile';

/** What base images are looked for with. */
export interface BaseImageMeans {
  readonly ask: AskEngine;
  readonly pull: PullImage;
  readonly acts: Acts;
  /** That the Engine is to get, for credentials. */
  readonly headers: OutgoingHttpHeaders;
  /** Whether who builds may give a name to an image of their own making. */
  mayName(reference: string): boolean;
  /**
   * Finds room for a pull in the quota of whoever builds.
   *
   * @returns gives it back, once the pull is over
   * @throws Refusal 403 `quota`
   */
  room(): Promise<() => Promise<void>>;
  /** Ends it, when who builds has left. */
  readonly signal: AbortSignal;
}

/** A build as the Engine is to get it. */
export interface PinnedBuild {
  readonly api: ApiRequest;
  /** What stands in the archive's Dockerfile. */
  readonly dockerfile: Buffer;
  /** What was changed, for the audit record: a sentence for each image. */
  readonly changes: readonly string[];
}

/** What inspections of images say that matters here. */
interface Shown {
  readonly Id?: unknown;
  readonly Os?: string;
  readonly Architecture?: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Config?: { readonly OnBuild?: readonly string[] | null } | null;
  /** From API 1.48 on, with the image store of containerd: what kind of thing the id is of. */
  readonly Descriptor?: { readonly mediaType?: string } | null;
}

/**
 * Has each stage of a build start from an image by its id. The Engine resolves a name when it comes to the stage, which whoever
 * builds can put off and give the name to another image meanwhile; and what an image has later builds do (ONBUILD) may take files
 * out of any image on the Engine, whoever may see it. So it is the image that is looked at here which the build starts from. One
 * that is not there is pulled, as the builder would do.
 *
 * @throws Refusal 400 `base-images-too-many`, 403 `base-image-triggers`, `base-image-index`, `archive-untold`, 404
 *   `base-image-absent`, 502 `engine-can-not-tell`, 503 `audit-unavailable`
 */
export async function pinBases(
  api: ApiRequest,
  dockerfile: Dockerfile,
  means: BaseImageMeans,
): Promise<PinnedBuild> {
  const { pull, ...query } = api.query;
  const wanted = new Map<string, Wanted>();
  for (const from of dockerfile.froms) wanted.set(keyOf(from), wantedOf(from, query['platform']));
  if (wanted.size > MOST_IMAGES) {
    throw new Refusal(
      400,
      'base-images-too-many',
      `a build may start from ${MOST_IMAGES} images, and this one has ${wanted.size}`,
      { field: FIELD },
    );
  }
  const ids = new Map<string, string>();
  for (const [key, each] of wanted) ids.set(key, await idOf(each, pull === true, means));
  return {
    api: pull === undefined ? api : withQuery(api, query),
    dockerfile: pinned(dockerfile, (from) => ids.get(keyOf(from)) as string),
    changes: changesOf([...wanted].map(([key, { image }]) => [image, ids.get(key) as string])),
  };
}

/** An image, for a platform or for whichever is the Engine's. */
interface Wanted {
  /** As the Dockerfile names it. */
  readonly image: string;
  readonly name: ImageName;
  readonly platform: string | undefined;
}

function keyOf({ image, platform }: From): string {
  return JSON.stringify([image, platform]);
}

function wantedOf({ image, platform }: From, forAll: unknown): Wanted {
  const { name } = imageFact(FIELD, image);
  if (name === null) throw untold(image, FIELD);
  if (platform === null) throw notPinnable();
  const whole = typeof forAll === 'string' && forAll !== '' ? forAll : undefined;
  return { image, name, platform: platform ?? whole };
}

async function idOf(wanted: Wanted, isNewest: boolean, means: BaseImageMeans): Promise<string> {
  const reference = formatImageName(wanted.name);
  if (means.signal.aborted) throw clientGone();
  let found = isNewest ? undefined : await inspect(reference, means.ask);
  if (found === undefined || !isFor(found, wanted.platform)) {
    const why = isNewest ? '' : found === undefined ? 'is not here' : `is not here for ${wanted.platform}`;
    await pullImage(wanted, why, means);
    found = await inspect(reference, means.ask);
    if (found === undefined) throw absent(reference, why, 'it is gone again');
  }
  if (!isFor(found, wanted.platform)) throw absent(reference, '', `what came is not for ${wanted.platform}`);
  return checked(found, reference, means);
}

/** The id of an image that a build may start from. */
function checked(found: Shown, reference: string, { mayName }: BaseImageMeans): string {
  const { Id: id, Config: config } = found;
  // Of an image whose configuration it does not show, nobody can say what it has builds do (containerd's store, attestations).
  if (typeof id !== 'string' || !ID.test(id) || typeof config !== 'object' || config === null) {
    throw new Refusal(
      502,
      'engine-can-not-tell',
      `the Engine could not tell which image ${quoted(reference)} is, or how it is configured`,
    );
  }
  // An index is several images. Which of them is shown here, and which a build starts from, the Engine finds out in two ways.
  const kind = kindOf(found, id);
  if (kind !== 'image' && namesOf(found, reference).every((names) => names.some(mayName))) {
    const remedy =
      kind === 'index'
        ? 'name it by the digest of its manifest for one (name@sha256:...)'
        : 'start from an image that your tenant can not make, or ask the operator for an Engine of API 1.48';
    throw new Refusal(
      403,
      'base-image-index',
      `it can not be told what ${quoted(reference)}, which may be for several platforms, has builds do: ${remedy}`,
      { field: FIELD },
    );
  }
  if ((config.OnBuild ?? []).some(mayTakeFrom)) {
    throw new Refusal(
      403,
      'base-image-triggers',
      `the image ${quoted(reference)} has builds on it take files from another image or stage (ONBUILD): make that image without such triggers, and have the Dockerfile of this build take them`,
      { field: FIELD },
    );
  }
  return id;
}

const ID = /^sha256:[0-9a-f]{64}$/;

/** What the id of one image is of (OCI image manifest, Docker image manifest version 2, schema 2). */
const MANIFEST = /^application\/vnd\.(?:oci\.image\.manifest\.v1|docker\.distribution\.manifest\.v2)\+json$/;

/** Whether an id is that of one image, of an index of several, or, as far as anybody tells, of either. */
function kindOf(
  { Descriptor: descriptor, RepoDigests: digests, Os: os, Architecture: architecture }: Shown,
  id: string,
): 'image' | 'index' | 'either' {
  const { mediaType } = descriptor ?? {};
  if (mediaType !== undefined) {
    return MANIFEST.test(mediaType) && (os ?? '') !== '' && (architecture ?? '') !== '' ? 'image' : 'index';
  }
  // The image store of containerd goes by such digests, and says of which kind one is from API 1.48 on.
  return (digests ?? []).some((digest) => digest.endsWith(`@${id}`)) ? 'either' : 'image';
}

/**
 * The names that tell who may have made an image: one that only others can give shows that it is theirs. Digests are listed for every
 * name and tell less, so they count where there is no other name, and as the name that they belong to as well.
 *
 * @returns each in full, in every form that a grant may speak of
 */
function namesOf(
  { RepoTags: tags, RepoDigests: digests }: Shown,
  reference: string,
): readonly (readonly string[])[] {
  const given = tags != null && tags.length > 0 ? tags : [...(digests ?? []), reference];
  return given.flatMap((text) => {
    const name = parseImageName(text);
    if (name === null) return [];
    const { digest: _, ...bare } = name;
    return [[formatImageName(name), formatImageName(withDefaultTag(bare))]];
  });
}

const ALIASES: Readonly<Record<string, string>> = { x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64' };

/** Whether an image is for a platform: `linux/arm64`, `arm64`, `linux`. Its variant is left to the Engine. */
function isFor(
  { Os: os = '', Architecture: architecture = '' }: Shown,
  platform: string | undefined,
): boolean {
  if (platform === undefined) return true;
  const [first = '', second] = platform.toLowerCase().split('/');
  const is = (part: string): boolean => [os, architecture].includes(ALIASES[part] ?? part);
  return is(first) && (second === undefined || is(second));
}

async function inspect(reference: string, ask: AskEngine): Promise<Shown | undefined> {
  const { status, text } = await ask('GET', `/images/${encodeName(reference)}/json`);
  if (status === 404) return undefined;
  if (status === 200) return JSON.parse(text) as Shown;
  throw new Refusal(
    502,
    'engine-can-not-tell',
    `the Engine could not tell which image ${quoted(reference)} is`,
    { cause: new Error(String(status)) },
  );
}

/** Has the Engine pull an image, on behalf of who builds: it is recorded before it is done. */
async function pullImage(
  { name, platform }: Wanted,
  why: string,
  { pull, acts, headers, room, signal }: BaseImageMeans,
): Promise<void> {
  const reference = formatImageName(name);
  const { tag = '', digest = tag, ...bare } = name;
  const query = new URLSearchParams({ fromImage: formatImageName(bare), tag: digest });
  if (platform !== undefined) query.set('platform', platform);
  const config = headers['x-registry-config'];
  const credentials = typeof config === 'string' ? credentialsFor(config, name.domain) : undefined;
  const sent = credentials === undefined ? {} : { 'X-Registry-Auth': credentials };
  const over = await room();
  try {
    const act = { operation: 'ImageCreate', resource: `image/${reference}`, reason: 'base-image' };
    const made = await acts(act);
    const { status, error } = await pull(`/images/create?${query}`, sent, signal).catch((failed: unknown) => {
      made(502);
      throw failed;
    });
    made(error === undefined ? status : Math.max(status, 400));
    if (error !== undefined) throw absent(reference, why, error.slice(0, MOST_SAID));
  } finally {
    await over();
  }
}

/**
 * @param why it was pulled, a clause
 * @param said what came of it
 */
function absent(reference: string, why: string, said: string): Refusal {
  const and = why === '' ? '' : `${why} and `;
  const sentence = `the image ${quoted(reference)} ${and}could not be pulled: ${said}`;
  return new Refusal(404, 'base-image-absent', sentence, { field: FIELD });
}

function changesOf(ids: readonly (readonly [image: string, id: string])[]): readonly string[] {
  const told = ids.slice(0, MOST_TOLD).map(([image, id]) => `its ${quoted(image)} is ${id}`);
  return ids.length > MOST_TOLD ? [...told, `and ${ids.length - MOST_TOLD} more images by their ids`] : told;
}

/** That nobody can say which lines of a Dockerfile say what it starts from, or for which platform. */
export function notPinnable(): Refusal {
  return new Refusal(
    403,
    'archive-untold',
    'it can not be told what the FROM lines of the Dockerfile say: write no indented comments between continued lines, and platforms as --platform=linux/amd64',
    { field: FIELD },
  );
}
