// The page's side of the worker.
import source from "worker-source";
import type { PlaygroundModel } from "../data";
import type { Backend } from "./engine";
import type { Answer, Ask, Denoised, Message, Part, Task } from "./messages";

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
  show?: ((part: Part) => void) | undefined;
}

export class Denoiser {
  /** Resolves when the models are loaded. */
  readonly started: Promise<Backend>;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private busy = false;
  private next: { begin(): Promise<void>; giveUp(): void } | undefined;

  constructor(models: readonly PlaygroundModel[]) {
    // from a blob: a page from a file may start no worker from another file
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.worker = new Worker(address);
    URL.revokeObjectURL(address);
    this.worker.addEventListener("message", ({ data }: MessageEvent<Message>) => {
      const { resolve, reject, show } = this.waiting.get(data.id)!;
      if (data.kind === "part") return show?.(data);
      this.waiting.delete(data.id);
      if (data.kind === "failed") reject(new Error(data.message));
      else resolve(data);
    });
    this.worker.addEventListener("error", ({ message }) => {
      for (const { reject } of this.waiting.values()) reject(new Error(message || "the worker could not be started"));
    });
    this.started = this.ask({ kind: "start", models }).then(
      (answer) => (answer as Extract<Answer, { kind: "started" }>).backend,
    );
  }

  /** @returns undefined when it was given up */
  async denoise(task: Task, show?: (part: Part) => void): Promise<Denoised | undefined> {
    const answer = await this.ask({ kind: "denoise", ...task }, show);
    return answer.kind === "denoised" ? answer : undefined;
  }

  /**
   * As `denoise`, but given up when a later task comes: at once where it has not begun, else after the next part.
   * @param show gets the parts of a large picture
   */
  denoiseLatest(task: Task, show: (part: Part) => void): Promise<Denoised | undefined> {
    this.next?.giveUp();
    if (this.busy) this.worker.postMessage({ kind: "stop" } satisfies Ask);
    return new Promise((resolve, reject) => {
      const begin = () => this.denoise(task, show).then(resolve, reject);
      this.next = { begin, giveUp: () => resolve(undefined) };
      this.begin();
    });
  }

  private async begin(): Promise<void> {
    if (this.busy || !this.next) return;
    const { begin } = this.next;
    this.next = undefined;
    this.busy = true;
    await begin();
    this.busy = false;
    this.begin();
  }

  private ask(ask: Ask, show?: (part: Part) => void): Promise<Answer> {
    const id = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, show });
      this.worker.postMessage({ id, ...ask });
    });
  }

  end(): void {
    this.worker.terminate();
  }
}
