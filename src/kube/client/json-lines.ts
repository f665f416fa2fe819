/**
 * The JSON values of a byte stream with one on each line, wherever the chunks are cut.
 * Ends when the stream does or `signal` aborts; leaving the loop early cancels the stream.
 *
 * @throws SyntaxError for a line that is not JSON. A last line without its end was cut off and is dropped.
 */
export async function* jsonLines(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<unknown> {
  const reader = body.getReader()
  // A stream made in this process knows nothing of the request's signal.
  const cancel = () => void reader.cancel().catch(() => undefined)
  if (signal?.aborted) cancel()
  signal?.addEventListener('abort', cancel)
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || signal?.aborted) return
      rest += decoder.decode(value, { stream: true })
      let from = 0
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
        const line = rest.slice(from, end)
        from = end + 1
        if (line.trim() !== '') yield JSON.parse(line)
        if (signal?.aborted) return
      }
      if (from > 0) rest = rest.slice(from)
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    cancel()
  }
}
