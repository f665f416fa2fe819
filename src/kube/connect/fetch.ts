/**
 * How requests reach an API server: over HTTPS, or by calling the request handler of
 * a server in the same process. As the global `fetch`, with a whole `Request`.
 */
export type Fetch = (request: Request) => Promise<Response>
