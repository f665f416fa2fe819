import { HttpsApi } from './https-api.ts'

/** Runs an API server on the directory given until it is killed; prints its URL when it is ready. */
const [directory = '', port = '0'] = process.argv.slice(2)
const server = await HttpsApi.start({ directory, port: Number(port) })
process.stdout.write(`${server.serving.url}\n`)
