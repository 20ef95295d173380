// The page's side of the worker.
import source from "worker-source";
import type { PlaygroundModel } from "../data";
import type { Backend } from "./engine";
import type { Answer, Ask, Denoised, Task } from "./messages";

export class Denoiser {
  /** Resolves when the models are loaded. */
  readonly started: Promise<Backend>;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  private asked = 0;
  private busy = false;
  private next: { task: Task; resolve(result: Denoised | undefined): void; reject(error: unknown): void } | undefined;

  constructor(models: readonly PlaygroundModel[]) {
    // from a blob: a page from a file may start no worker from another file
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.worker = new Worker(address);
    URL.revokeObjectURL(address);
    this.worker.addEventListener("message", ({ data: { id, ...answer } }: MessageEvent<Answer & { id: number }>) => {
      const { resolve, reject } = this.waiting.get(id)!;
      this.waiting.delete(id);
      if (answer.kind === "failed") reject(new Error(answer.message));
      else resolve(answer as Answer);
    });
    this.worker.addEventListener("error", ({ message }) => {
      for (const { reject } of this.waiting.values()) reject(new Error(message || "the worker could not be started"));
    });
    this.started = this.ask({ kind: "start", models }).then(
      (answer) => (answer as Extract<Answer, { kind: "started" }>).backend,
    );
  }

  async denoise(task: Task): Promise<Denoised> {
    return (await this.ask({ kind: "denoise", ...task })) as Denoised & Answer;
  }

  /** As `denoise`, but undefined where a later task has come before this one was begun. */
  async denoiseLatest(task: Task): Promise<Denoised | undefined> {
    this.next?.resolve(undefined);
    const result = new Promise<Denoised | undefined>((resolve, reject) => {
      this.next = { task, resolve, reject };
    });
    this.begin();
    return result;
  }

  private async begin(): Promise<void> {
    if (this.busy || !this.next) return;
    const { task, resolve, reject } = this.next;
    this.next = undefined;
    this.busy = true;
    await this.denoise(task).then(resolve, reject);
    this.busy = false;
    this.begin();
  }

  private ask(ask: Ask): Promise<Answer> {
    const id = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...ask });
    });
  }

  end(): void {
    this.worker.terminate();
  }
}
