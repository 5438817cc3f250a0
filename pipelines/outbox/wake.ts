/** A sleep that can be cut short. A kick while nobody sleeps makes the next sleep return at once. */
export interface Wake {
  kick(): void
  sleep(ms: number): Promise<void>
}

export function createWake(): Wake {
  let kicked = false
  let waken: (() => void) | undefined
  return {
    kick() {
      kicked = true
      waken?.()
    },
    async sleep(ms) {
      if (!kicked) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          waken = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        waken = undefined
      }
      kicked = false
    },
  }
}
