import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from '#engine/command/answer.ts'
import { message } from '#engine/message/message.ts'
import { renderSlackForm, renderSlackNotice, type SlackModal } from '#engine/view/slack-form.ts'
import { type Reception } from './reception.ts'
import { refusal } from './refusal.ts'

/**
 * One modal, shown and shown again. How it first appears differs (a click's trigger_id, the answer to a sent form)
 * and works only once and only within three seconds; after that it is updated by its id.
 */
export class Window {
  readonly #reception: Reception
  readonly #open: (modal: SlackModal) => Promise<string | undefined>
  #opened: Promise<string | undefined> | undefined

  constructor(reception: Reception, open: (modal: SlackModal) => Promise<string | undefined>) {
    this.#reception = reception
    this.#open = open
  }

  get isOpen(): boolean {
    return this.#opened !== undefined
  }

  async show(modal: SlackModal): Promise<void> {
    if (!this.#opened) {
      this.#opened = this.#open(modal)
      await this.#opened
      return
    }
    const id = await this.#opened
    if (id === undefined) throw new Error('Slack did not name the window it opened')
    await this.#reception.client.views.update({ view_id: id, view: modal })
  }

  /** Waits for an answer; when it takes longer than Slack would wait for us, the window opens first and says so. */
  async keepOpenFor<T>(answer: Promise<T>, patienceMs: number): Promise<T> {
    const ready = new AbortController()
    const impatient = wait(patienceMs, undefined, { signal: ready.signal }).then(
      () => this.show(oneMoment),
      () => {},
    )
    const settled = await Promise.allSettled([answer.finally(() => ready.abort()), impatient])
    const failed = settled.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    return answer
  }
}

const oneMoment = renderSlackNotice(
  'One moment',
  message({ headline: 'One moment …', lines: [['I am looking that up.']] }),
)

/** How a trigger_id opens a window: on its own, or on top of the window that was clicked in. */
export function windowFor(reception: Reception, trigger: string, how: 'open' | 'push' = 'open'): Window {
  return new Window(reception, async (view) => {
    const opened = await reception.client.views[how]({ trigger_id: trigger, view })
    return opened.view?.id
  })
}

export function answerModal(answer: Answer): SlackModal {
  switch (answer.kind) {
    case 'form':
      return renderSlackForm(answer.form)
    case 'message':
      return renderSlackNotice('Tocsin', answer.message)
    case 'refused':
      return renderSlackNotice('Tocsin', refusal(answer.because))
  }
}
