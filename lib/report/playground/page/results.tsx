// The scores of the noisy and the denoised image, and what the method took away.
import { useEffect, useState } from "preact/hooks";
import { largestDifference } from "../../../figures/diverging";
import { formatNumber } from "../../../numbers";
import { Picture } from "./canvas";
import type { Denoised, Scores } from "./messages";
import { difference } from "./pictures";

export interface ResultsProps {
  readonly result: Denoised;
  readonly method: string;
}

const psnr = (scores: Scores) => formatNumber(scores.psnr, 1);
const ssim = (scores: Scores) => (scores.ssim === undefined ? "–" : formatNumber(scores.ssim, 3));

export function ScoreTable({ result: { scores }, method }: ResultsProps) {
  return (
    <table>
      <thead>
        <tr>
          <td />
          <th scope="col">PSNR, dB</th>
          <th scope="col">SSIM</th>
        </tr>
      </thead>
      <tbody>
        {[["noisy", scores.noisy] as const, [method, scores.denoised] as const].map(([name, own]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{psnr(own)}</td>
            <td>{ssim(own)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The scores in a sentence, for screen readers: read when they have not changed for a moment. */
export function SpokenScores({ result: { scores }, method }: ResultsProps) {
  const sentence = `${method}: PSNR ${psnr(scores.denoised)} dB, noisy ${psnr(scores.noisy)}; SSIM ${ssim(scores.denoised)}, noisy ${ssim(scores.noisy)}.`;
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(sentence), 800);
    return () => clearTimeout(timer);
  }, [sentence]);
  return (
    <p class="spoken" role="status">
      {spoken}
    </p>
  );
}

export function Removed({ result: { noisy, denoised }, method }: ResultsProps) {
  return (
    <figure>
      <div class="frame">
        <Picture
          images={difference(noisy, denoised)}
          colors="differences"
          label={`What ${method} took away: noisy minus denoised`}
        />
      </div>
      <figcaption>
        Taken away <span class="note">(noisy − denoised, ±{largestDifference})</span>
        <span class="scale" aria-hidden="true" />
        <span class="row ends note">
          <span>made brighter</span>
          <span>made darker</span>
        </span>
      </figcaption>
    </figure>
  );
}
