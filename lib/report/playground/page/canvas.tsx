// A canvas that shows one image.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Images } from "../../../data/images";
import { drawImage } from "./pictures";

export interface PictureProps {
  readonly images: Images;
  /** What it shows, for readers who cannot see it. */
  readonly label: string;
  readonly colors?: "brightness" | "differences";
}

export function Picture({ images, label, colors = "brightness" }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => drawImage(canvas.current!, images, colors), [images, colors]);
  return <canvas ref={canvas} role="img" aria-label={label} />;
}
