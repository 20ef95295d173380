// The whole playground: what is chosen, what the worker made of it, and how both are laid out.
import { useEffect, useState } from "preact/hooks";
import type { Images } from "../../../data/images";
import type { Playground as Data } from "../data";
import type { Denoiser } from "./denoiser";
import { Divider } from "./divider";
import { Drawing } from "./drawing";
import type { Backend } from "./engine";
import { filterNames } from "./filter-names";
import type { Denoised, Part } from "./messages";
import { type Noise, remark, trainedNoise, usualLevel } from "./noises";
import { black } from "./pen";
import { readPicture } from "./pictures";
import { Removed, ScoreTable, SpokenScores } from "./results";
import { MethodSettings, NoiseSettings } from "./settings";
import { Sources } from "./sources";

export interface PlaygroundProps {
  readonly data: Data;
  /** The images to choose from, one in each. */
  readonly images: readonly Images[];
  readonly denoiser: Denoiser;
  /** Called once, when the first result is shown. */
  readonly onReady: () => void;
}

export function Playground({ data, images, denoiser, onReady }: PlaygroundProps) {
  const models = data.models.map(({ name }) => name);
  const [clean, setClean] = useState(images[0]);
  const [note, setNote] = useState("");
  const [noise, setNoise] = useState<Noise>(trainedNoise(data));
  const [method, setMethod] = useState(models[0]);
  const [backend, setBackend] = useState<Backend>();
  const [shown, setShown] = useState<Denoised & { method: string }>();
  const [part, setPart] = useState<Part & { method: string }>();
  const [failure, setFailure] = useState("");

  const show = (next: Images, text = "") => {
    setClean(next);
    setNote(text);
  };
  const read = (file: File) => {
    setFailure("");
    readPicture(file, data.input).then(
      ({ images, note }) => show(images, note),
      (error: Error) => setFailure(error.message),
    );
  };
  useEffect(() => {
    denoiser.started.then(setBackend, (error: Error) => setFailure(error.message));
  }, [denoiser]);
  useEffect(() => {
    denoiser
      .denoiseLatest({ clean, noise, method }, (part) => setPart({ ...part, method }))
      .then(
        (result) => {
          if (!result) return;
          setShown({ ...result, method });
          setPart(undefined);
        },
        (error: Error) => setFailure(error.message),
      );
  }, [denoiser, clean, noise, method]);
  useEffect(() => {
    if (shown) onReady();
  }, [shown !== undefined]);

  const pictures = part ?? shown;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) read(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a picture can also be chosen with the button
    <div class="playground" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <section class="original" aria-label="Original">
        <h3>Original: draw on it</h3>
        <Drawing images={clean} onDraw={(drawn) => show(drawn, note)} />
        <Sources
          images={images}
          chosen={clean}
          onChoose={(image) => show(image)}
          onClear={() => show(black(clean))}
          onFile={read}
        />
        {note && <p class="note">{note}</p>}
      </section>
      <section class="result" aria-label="Result">
        <h3>
          <span>Noisy</span>
          <span>{pictures?.method ?? method}</span>
        </h3>
        {pictures ? (
          <Divider
            left={{ images: pictures.noisy, label: "the noisy image" }}
            right={{ images: pictures.denoised, label: `the image denoised by ${pictures.method}` }}
            share={part?.share}
          />
        ) : (
          <div class="frame empty">Loading the models…</div>
        )}
        <NoiseSettings
          noise={noise}
          onChange={setNoise}
          levelFor={(kind) => usualLevel(kind, data)}
          remark={models.includes(method) ? remark(noise, data, method) : undefined}
        />
        <MethodSettings models={models} filters={filterNames} chosen={method} onChange={setMethod} />
        {failure && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
      </section>
      <section class={part ? "scores waiting" : "scores"} aria-label="Scores" aria-busy={part !== undefined}>
        {shown && <ScoreTable result={shown} method={shown.method} />}
        {shown && <Removed result={shown} method={shown.method} />}
        {shown && <SpokenScores result={shown} method={shown.method} />}
        {shown && <p class="note timing">{timing(shown, backend)}</p>}
      </section>
    </div>
  );
}

function timing({ milliseconds, denoised, method }: Denoised & { method: string }, backend?: Backend): string {
  const [, height, width] = denoised.shape;
  const time = milliseconds < 100 ? milliseconds.toFixed(1) : Math.round(milliseconds).toString();
  const where =
    backend === "plain JavaScript" ? " in plain JavaScript: WebAssembly, which is faster, does not run here" : "";
  return `${method}: ${time} ms for ${width} x ${height} pixels, computed here in your browser${where}.`;
}
