// Two pictures of the same size on top of each other, with a divider to pull: the left one to its left, the right one to its
// right. The divider is a slider, so that mouse, finger and keyboard move it.
import { useState } from "preact/hooks";
import { Picture, type PictureProps } from "./canvas";

export interface DividerProps {
  readonly left: PictureProps;
  readonly right: PictureProps;
  /** Of the right picture that is done, where it is not yet whole. */
  readonly share?: number | undefined;
}

export function Divider({ left, right, share: done }: DividerProps) {
  const [share, setShare] = useState(50);
  return (
    <div class="frame divided" style={{ "--share": `${share}%` }}>
      <Picture {...right} />
      <div class="left">
        <Picture {...left} />
      </div>
      <input
        type="range"
        min="0"
        max="100"
        value={share}
        aria-label={`Divider: ${left.label} to its left, ${right.label} to its right`}
        onInput={({ currentTarget }) => setShare(Number(currentTarget.value))}
      />
      <span class="handle" aria-hidden="true" />
      {done !== undefined && <progress aria-label="Denoising" value={done} />}
    </div>
  );
}
