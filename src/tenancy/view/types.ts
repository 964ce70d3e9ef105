import type { ApiRequest } from '../../docker/types.ts';
import type { Sight } from '../sight.ts';

/**
 * A further question to the Engine on the gateway's own behalf.
 *
 * @param target path and query of a GET, e.g. `/v1.41/images/json`
 * @returns the body of its 200
 * @throws Refusal when the Engine gives none
 */
export type Ask = (target: string) => Promise<string>;

/** What becomes of a reply that is read whole. */
export interface JsonView {
  readonly kind: 'json';
  /**
   * The request as the Engine has to get it, so that its reply can be judged: without the limit that would count
   * others, with the details that the totals are made of. Absent when it can be forwarded as it is.
   */
  widen?(api: ApiRequest, sight: Sight): ApiRequest;
  /**
   * @param body the Engine's 200, to the request as `widen` made it
   * @param api the request as the client made it, before `widen`
   * @throws JsonError or SyntaxError when the body is not what the operation answers (a 502)
   */
  rewrite(body: string, sight: Sight, api: ApiRequest, ask: Ask): Promise<string>;
}

/** What becomes of a stream of JSON texts, one a line. */
export interface LinesView {
  readonly kind: 'lines';
  /**
   * @param line without its line feed
   * @returns the line as it is, or undefined when it is not shown
   * @throws SyntaxError when it is not JSON
   */
  keep(line: string, sight: Sight): Promise<string | undefined>;
}

export type View = JsonView | LinesView;
