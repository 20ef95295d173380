// Where the clean image comes from: one of the test images, an empty page to draw on, or a file of the reader's.
import type { Images } from "../../../data/images";
import { Picture } from "./canvas";

export interface SourcesProps {
  readonly images: readonly Images[];
  readonly chosen: Images;
  readonly onChoose: (images: Images) => void;
  readonly onClear: () => void;
  readonly onFile: (file: File) => void;
}

export function Sources({ images, chosen, onChoose, onClear, onFile }: SourcesProps) {
  return (
    <>
      <div class="row">
        <button type="button" onClick={onClear}>
          Clear
        </button>
        <label class="button">
          Your picture…
          <input
            type="file"
            accept="image/*"
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              if (file) onFile(file);
              currentTarget.value = "";
            }}
          />
        </label>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be a frame around them */}
      <div class="thumbnails" role="group" aria-label="Test images">
        {images.map((each, i) => (
          <button
            key={each}
            type="button"
            class="thumbnail"
            aria-pressed={each === chosen}
            onClick={() => onChoose(each)}
          >
            <Picture images={each} label={`Test image ${i + 1}`} />
          </button>
        ))}
      </div>
    </>
  );
}
