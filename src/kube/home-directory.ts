import { userInfo } from 'node:os'

/**
 * The user's home: `$HOME`, else what the system knows of the user. One that it does not know has
 * `/`, as container runtimes give it to him.
 */
export function homeDirectory(env: { readonly HOME?: string | undefined }): string {
  if (env.HOME) return env.HOME
  try {
    return userInfo().homedir
  } catch {
    return '/'
  }
}
