// The whole playground: what is chosen, what the worker made of it, and how both are laid out.
import { useEffect, useState } from "preact/hooks";
import type { Images } from "../../../data/images";
import type { Playground as Data } from "../data";
import type { Denoiser } from "./denoiser";
import { Divider } from "./divider";
import { Drawing } from "./drawing";
import type { Backend } from "./engine";
import { filterNames } from "./filter-names";
import type { Denoised } from "./messages";
import type { Noise } from "./noises";
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
  const [noise, setNoise] = useState<Noise>({
    kind: data.clip ? "clipped" : "gaussian",
    level: data.sigma,
    seed: data.seed,
  });
  const [method, setMethod] = useState(models[0]);
  const [backend, setBackend] = useState<Backend>();
  const [shown, setShown] = useState<Denoised & { method: string }>();
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
    denoiser.denoiseLatest({ clean, noise, method }).then(
      (result) => result && setShown({ ...result, method }),
      (error: Error) => setFailure(error.message),
    );
  }, [denoiser, clean, noise, method]);
  useEffect(() => {
    if (shown) onReady();
  }, [shown !== undefined]);

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
          <span>{shown?.method ?? method}</span>
        </h3>
        {shown ? (
          <Divider
            left={{ images: shown.noisy, label: "the noisy image" }}
            right={{ images: shown.denoised, label: `the image denoised by ${shown.method}` }}
          />
        ) : (
          <div class="frame empty">Loading the models…</div>
        )}
        <NoiseSettings noise={noise} onChange={setNoise} />
        <MethodSettings models={models} filters={filterNames} chosen={method} onChange={setMethod} />
        {failure && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
      </section>
      <section class="scores" aria-label="Scores">
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
    backend === "plain JavaScript" ? " in plain JavaScript: this page may not run WebAssembly, which is faster" : "";
  return `${method}: ${time} ms for ${width} x ${height} pixels, computed here in your browser${where}.`;
}
