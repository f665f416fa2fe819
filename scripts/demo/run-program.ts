import { execFile } from 'node:child_process'

export interface ProgramEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; any exit code is an answer. @throws Error if it cannot be started. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { env, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') return reject(error)
      resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}
