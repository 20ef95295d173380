// The clean image, on which the reader draws: with mouse, finger or pen, or with the keyboard.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Images } from "../../../data/images";
import { black, drawLine, type Point } from "./pen";
import { drawImage } from "./pictures";

export interface DrawingProps {
  readonly images: Images;
  readonly onDraw: (drawn: Images) => void;
}

const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function Drawing({ images, onDraw }: DrawingProps) {
  const [, height, width] = images.shape;
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<Point | undefined>(undefined);
  const [pen, setPen] = useState({ x: width / 2, y: height / 2, down: false });
  useLayoutEffect(() => drawImage(canvas.current!, images, "brightness"), [images]);

  const pointOf = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const box = canvas.current!.getBoundingClientRect();
    return { x: ((clientX - box.left) / box.width) * width, y: ((clientY - box.top) / box.height) * height };
  };
  const start = (event: PointerEvent) => {
    if (event.button !== 0) return;
    canvas.current!.setPointerCapture(event.pointerId);
    last.current = pointOf(event);
    onDraw(drawLine(images, last.current, last.current));
  };
  const move = (event: PointerEvent) => {
    if (!last.current) return;
    let drawn = images;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) {
      const point = pointOf(each);
      drawn = drawLine(drawn, last.current, point);
      last.current = point;
    }
    onDraw(drawn);
  };
  const finish = () => {
    last.current = undefined;
  };
  const press = (event: KeyboardEvent) => {
    const direction = arrows[event.key];
    if (direction) {
      const step = Math.max(1, Math.round(Math.min(height, width) / 28));
      const x = Math.min(width - 0.5, Math.max(0.5, pen.x + step * direction[0]));
      const y = Math.min(height - 0.5, Math.max(0.5, pen.y + step * direction[1]));
      if (pen.down) onDraw(drawLine(images, pen, { x, y }));
      setPen({ ...pen, x, y });
    } else if (event.key === " ") {
      if (!pen.down) onDraw(drawLine(images, pen, pen));
      setPen({ ...pen, down: !pen.down });
    } else if (event.key === "Delete" || event.key === "Backspace") onDraw(black(images));
    else return;
    event.preventDefault();
  };

  return (
    <div
      class="frame drawing"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys, as its label says
      tabIndex={0}
      role="application"
      aria-label={`Drawing. Arrow keys move the pen, Space puts it down or lifts it, Delete clears. The pen is ${pen.down ? "down" : "up"}.`}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={finish}
      onPointerCancel={finish}
      onKeyDown={press}
    >
      <canvas ref={canvas} />
      <span
        class={pen.down ? "pen down" : "pen"}
        aria-hidden="true"
        style={{ left: `${(100 * pen.x) / width}%`, top: `${(100 * pen.y) / height}%` }}
      />
    </div>
  );
}
