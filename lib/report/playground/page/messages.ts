// What the page asks its worker, and what it gets.
import type { Images } from "../../../data/images";
import type { PlaygroundModel } from "../data";
import type { Backend } from "./engine";
import type { Noise } from "./noises";

export interface Task {
  /** [n, height, width, channels] */
  readonly clean: Images;
  readonly noise: Noise;
  /** The name of a model or a filter. */
  readonly method: string;
}

/** PSNR in dB; no SSIM for images of less than 7 x 7 pixels. */
export interface Scores {
  readonly psnr: number;
  readonly ssim?: number;
}

/** Of a large picture, while it is being denoised. */
export interface Part {
  readonly noisy: Images;
  /** The rows that are not done are the noisy ones. */
  readonly denoised: Images;
  /** Of the picture that is done, below 1. */
  readonly share: number;
}

export interface Denoised {
  readonly noisy: Images;
  readonly denoised: Images;
  readonly scores: { readonly noisy: Scores; readonly denoised: Scores };
  /** What the method took. */
  readonly milliseconds: number;
}

export type Ask =
  | { readonly kind: "start"; readonly models: readonly PlaygroundModel[] }
  | ({ readonly kind: "denoise" } & Task)
  /** Gives up the task that runs, and has no answer. */
  | { readonly kind: "stop" };

/** An ask has one answer, after any number of parts. */
export type Answer =
  | { readonly kind: "started"; readonly backend: Backend }
  | ({ readonly kind: "denoised" } & Denoised)
  | { readonly kind: "given up" }
  | { readonly kind: "failed"; readonly message: string };

export type Message = { readonly id: number } & (Answer | ({ readonly kind: "part" } & Part));
